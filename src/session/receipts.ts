import { basename, join } from "node:path";
import { VibeopsError } from "../errors.ts";
import { ARCHIVED, readMemoFile } from "../memo/mailbox.ts";
import { type Receipt, readReceipt } from "../memo/receipt.ts";
import { lstatOrNull } from "../platform/files.ts";
import { type Git, gitPath, tryGit } from "../platform/git.ts";

/** More than anybody reads; what is older is in the archive. */
const MAX_FILES = 200;

/** What {@link readReceipts} asks git; nothing where there is no archive yet. */
export function receiptsQuestions(root: string, since: string | null, now: Date): string[][] {
  const month = since === null ? `/${now.toISOString().slice(0, 7)}` : "";
  const folder = join(root, `${ARCHIVED}${month}`);
  if (lstatOrNull(folder) === null) return [];
  const names = ["-z", "--name-only"];
  // What HEAD holds is what came since there was nothing.
  const question =
    since === null
      ? ["ls-tree", "-r", ...names, "HEAD", "--"]
      : ["diff", ...names, "--no-renames", "--diff-filter=A", since, "HEAD", "--"];
  return [["--literal-pathspecs", ...question, folder]];
}

/**
 * Receipts that were filed since that commit, newest first: intake puts them straight into the archive, so only the
 * brief tells of them. Without a commit to count from, those of this month.
 */
export async function readReceipts(
  target: Git,
  root: string,
  since: string | null,
  now: Date,
): Promise<Receipt[]> {
  const [question] = receiptsQuestions(root, since, now);
  if (question === undefined) return [];
  const result = await tryGit(target, question);
  if (result.exitCode !== 0) return [];
  const prefix = gitPath(target, join(root, ARCHIVED));
  const names = result.stdout.split("\0").filter((path) => path.endsWith(".md"));
  const newest = names.sort().reverse().slice(0, MAX_FILES);
  return newest.flatMap((path) => readOne(join(root, ARCHIVED, path.slice(prefix.length + 1)), now));
}

function readOne(path: string, now: Date): Receipt[] {
  try {
    const receipt = readReceipt(readMemoFile(path, basename(path), now).memo);
    return receipt === null ? [] : [receipt];
  } catch (error) {
    if (error instanceof VibeopsError) return [];
    throw error;
  }
}
