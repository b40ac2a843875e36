import type { VibeopsError } from "../errors.ts";
import { listMemoFolders } from "./memo-files.ts";
import { shareFolders } from "./memo-shares.ts";
import {
  type Found,
  keepBest,
  newReading,
  present,
  quietly,
  type SearchHit,
  type SearchQuery,
  type SearchShare,
  type SharedSearch,
  searchShare,
  toError,
} from "./search-share.ts";

export interface SearchResult {
  hits: SearchHit[];
  /** How many there are, all in all. */
  total: number;
  /** What could not be looked into: the answer does not cover it. */
  unread: VibeopsError[];
}

/** Starts further threads that do {@link searchShare}, each with a place of its own to begin at; what they answer. */
export type SearchHelp = (search: SharedSearch) => Promise<SearchShare>[];

/** Files that are looked through before more threads are asked for: one takes as long to start as these do. */
const ALONE = 2_000;

/**
 * Looks through the memos of these projects, pending, archived and sent. It reads every file itself: `git grep` leaves
 * out what attributes and ignore files, which a memo's sender may have chosen, tell it to. Where there are many,
 * further threads help if there are any.
 */
export async function searchMemos(
  projects: readonly string[],
  query: SearchQuery,
  now: Date,
  help: SearchHelp = () => [],
): Promise<SearchResult> {
  const unread: VibeopsError[] = [];
  const folders = projects.flatMap((project) => listMemoFolders(project, (error) => unread.push(error)));
  const search = { ...shareFolders(folders), query, now };
  const helpers: Promise<SearchShare>[] = [];
  let looked = 0;
  const askForHelp = () => {
    looked += 1;
    if (looked === ALONE) helpers.push(...help(search));
  };
  const own = searchShare(search, 0, askForHelp);
  const others = await Promise.allSettled(helpers);
  const answers = others.flatMap((other) => (other.status === "fulfilled" ? other.value : []));
  // What a thread that ended had taken is not known: all of it once more, and alone.
  if (answers.length < others.length) return await searchMemos(projects, query, now);
  const shares = [own, ...answers];
  unread.push(...shares.flatMap((share) => share.unread.map(toError)));
  const reading = newReading(search);
  const best = keepBest(
    shares.flatMap(({ found }) => found),
    query,
  );
  const hits = best.flatMap(({ file }: Found) => quietly(() => present(file, reading), unread) ?? []);
  return { hits, total: shares.reduce((sum, share) => sum + share.total, 0), unread };
}
