import { isAscii } from "node:buffer";
import { type ErrorDetails, VibeopsError } from "../errors.ts";
import { readRegularFile } from "../platform/files.ts";
import { foldText } from "../text/fold.ts";
import { memoState, scanChecklist } from "./checklist.ts";
import { newReadBuffer } from "./mailbox.ts";
import { type Memo, maxMemoBytes, parseMemo } from "./memo.ts";
import { fitsFilter, type MemoFacts, type MemoFilter, memoFacts } from "./memo-facts.ts";
import type { MemoFile } from "./memo-files.ts";
import { type SharedFolders, takeFiles } from "./memo-shares.ts";
import { findTerm, holdsTerm, type Term } from "./search-query.ts";
import { type MatchingLines, matchingLines } from "./snippets.ts";

export interface SearchQuery {
  /** All of them have to be in the memo. */
  terms: readonly Term[];
  filter: MemoFilter;
  /** `rank`: what is in the subject and in whole words first, then the newest; `date`: the newest first. */
  sort: "rank" | "date";
  /** 0 for all. */
  limit: number;
}

/** A memo that holds all the terms. What it says of itself is missing where an old one is not well-formed. */
export interface SearchHit extends Partial<MemoFacts>, MatchingLines {
  /** Root of the project that holds it. */
  project: string;
  place: MemoFile["place"];
  id: string;
  /** As in a list of memos. */
  state?: string;
  path: string;
}

/** What one thread looks through, and for what. Threads hand it to each other. */
export interface SharedSearch extends SharedFolders {
  readonly query: SearchQuery;
  readonly now: Date;
}

/** What one thread found. */
export interface SearchShare {
  /** The best, as many as are shown. */
  readonly found: Found[];
  readonly total: number;
  readonly unread: ErrorDetails[];
}

export interface Found {
  file: MemoFile;
  score: number;
}

interface Reading {
  query: SearchQuery;
  now: Date;
  /** Every file is read into this one. */
  buffer: Buffer;
}

export function newReading({ query, now }: SharedSearch): Reading {
  return { query, now, buffer: newReadBuffer() };
}

/** Looks through what no other thread takes, beginning with the folder at `from`. `onLook` is told of each file. */
export function searchShare(
  search: SharedSearch,
  from: number,
  onLook: () => void = () => undefined,
): SearchShare {
  const unread: VibeopsError[] = [];
  const found: Found[] = [];
  const reading = newReading(search);
  for (const file of takeFiles(search, from, (error) => unread.push(error))) {
    const score = quietly(() => examine(file, reading), unread);
    if (score !== null) found.push({ file, score });
    onLook();
  }
  return { found: keepBest(found, search.query), total: found.length, unread: unread.map(toDetails) };
}

/** An error as it can be handed to another thread. */
function toDetails({ code, exit, message, file, line, fix }: VibeopsError): ErrorDetails {
  return { code, exit, message, file, line, fix };
}

export function toError(details: ErrorDetails): VibeopsError {
  return new VibeopsError(details);
}

/** One file that cannot be read does not keep the others from being found. */
export function quietly<T>(act: () => T, unread: VibeopsError[]): T | null {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof VibeopsError)) throw error;
    if (error.code !== "file.missing") unread.push(error);
    return null;
  }
}

/** How well the memo fits; null where it does not. */
function examine(file: MemoFile, reading: Reading): number | null {
  const { terms, filter, sort } = reading.query;
  const bytes = readBytes(file, reading);
  const folded = foldBytes(bytes);
  if (!terms.every((term) => holdsTerm(folded, term))) return null;
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  // What lies in the inbox may be no memo at all; what is kept was one once.
  if (isFiltered || file.place === "incoming") {
    const memo = readMemo(file, bytes, reading.now);
    if (memo === null || !fitsFilter(summarise(file, memo), filter)) return null;
  }
  return sort === "date" ? 0 : scoreOf(folded, terms);
}

function readBytes({ path, temporaries }: MemoFile, { buffer }: Reading): Buffer {
  return readRegularFile(path, { maxBytes: maxMemoBytes, temporaries, buffer });
}

function foldBytes(bytes: Buffer): string {
  return isAscii(bytes) ? bytes.toString("latin1").toLowerCase() : foldText(bytes.toString("utf8"));
}

/** Null for a kept memo that is not well-formed. @throws VibeopsError `memo.…` for one in the inbox */
function readMemo({ path, place }: MemoFile, bytes: Buffer, now: Date): Memo | null {
  try {
    return parseMemo(bytes, { file: path, now });
  } catch (error) {
    if (!(error instanceof VibeopsError) || place === "incoming") throw error;
    return null;
  }
}

function summarise({ place }: MemoFile, memo: Memo): MemoFacts & { state: string } {
  const state = place === "incoming" ? memoState(scanChecklist(memo.text)) : place;
  return { ...memoFacts(memo), state };
}

const IN_SUBJECT = 10;
const AS_A_WORD = 4;
const MOST_COUNTED = 5;

function scoreOf(folded: string, terms: readonly Term[]): number {
  const subject = /^subject:(.*)$/m.exec(folded.slice(0, 4_096))?.[1] ?? "";
  return terms.reduce((score, term) => {
    let count = 0;
    let whole = 0;
    for (const place of findTerm(folded, term)) {
      count += 1;
      if (isWholeWord(folded, place)) whole = AS_A_WORD;
      if (count === MOST_COUNTED) break;
    }
    return score + count + whole + (holdsTerm(subject, term) ? IN_SUBJECT : 0);
  }, 0);
}

function isWholeWord(text: string, { start, end }: { start: number; end: number }): boolean {
  return !isWordCharacter(text[start - 1]) && !isWordCharacter(text[end]);
}

function isWordCharacter(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}_]/u.test(character);
}

/** The best of them, as many as are shown. */
export function keepBest(found: Found[], { sort, limit }: SearchQuery): Found[] {
  found.sort(sort === "rank" ? byRank : byDate);
  return limit === 0 ? found : found.slice(0, limit);
}

function byRank(one: Found, other: Found): number {
  return other.score - one.score || byDate(one, other);
}

/** An id begins with its time. */
function byDate({ file: one }: Found, { file: other }: Found): number {
  if (one.id !== other.id) return one.id < other.id ? 1 : -1;
  return one.path < other.path ? -1 : Number(one.path > other.path);
}

/** A memo that was found, with what is shown of it. */
export function present(file: MemoFile, reading: Reading): SearchHit {
  const { project, place, id, path } = file;
  const bytes = readBytes(file, reading);
  const memo = readMemo(file, bytes, reading.now);
  const facts = memo === null ? {} : summarise(file, memo);
  return {
    project,
    place,
    ...facts,
    id,
    path,
    ...matchingLines(bytes.toString("utf8"), reading.query.terms),
  };
}
