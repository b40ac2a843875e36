import { basename } from "node:path";
import { VibeopsError } from "../errors.ts";
import { readRegularFile } from "../platform/files.ts";
import { ARCHIVED, listByMonth, readInbox, SENT } from "./mailbox.ts";
import { maxMemoBytes } from "./memo.ts";

export interface SearchHit {
  place: "incoming" | "archived" | "sent";
  name: string;
  path: string;
  /** The matching lines, from 1; a few of them. */
  lines: { line: number; text: string }[];
}

const LINES_SHOWN = 3;

/** Memos, pending, archived and sent, newest first, that hold every word; words match in any case. */
export function searchMemos(root: string, words: readonly string[], now: Date): SearchHit[] {
  const needles = words.map((word) => word.toLowerCase());
  const places = [
    {
      place: "incoming" as const,
      paths: readInbox(root, now)
        .memos.map((stored) => stored.path)
        .reverse(),
    },
    { place: "archived" as const, paths: listByMonth(root, ARCHIVED) },
    { place: "sent" as const, paths: listByMonth(root, SENT) },
  ];
  return places.flatMap(({ place, paths }) =>
    paths.flatMap((path) => {
      const lines = matchingLines(path, needles);
      return lines === null ? [] : [{ place, name: basename(path), path, lines }];
    }),
  );
}

function matchingLines(path: string, needles: readonly string[]): SearchHit["lines"] | null {
  const text = readQuietly(path);
  const lower = text.toLowerCase();
  if (!needles.every((needle) => lower.includes(needle))) return null;
  return text
    .split(/\r?\n/)
    .map((line, i) => ({ line: i + 1, text: line }))
    .filter(({ text: line }) => needles.some((needle) => line.toLowerCase().includes(needle)))
    .slice(0, LINES_SHOWN);
}

/** One file that cannot be read does not keep the others from being found. */
function readQuietly(path: string): string {
  try {
    return readRegularFile(path, { maxBytes: maxMemoBytes }).toString("utf8");
  } catch (error) {
    if (error instanceof VibeopsError) return "";
    throw error;
  }
}
