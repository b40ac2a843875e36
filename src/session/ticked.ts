import { join } from "node:path";
import { scanChecklist } from "../memo/checklist.ts";
import { INCOMING } from "../memo/mailbox.ts";
import { readRegularFile } from "../platform/files.ts";
import type { Git } from "../platform/git.ts";
import { type FileChange, put } from "../platform/git-commit.ts";
import { readAtHead } from "./at-head.ts";
import { listUncommitted } from "./uncommitted.ts";

/** A file that is there: one that is staged may have gone since, or be a link by now. */
const IS_CHANGED = /^(?:M |[ M]M)$/;

/** The pending memos that differ from HEAD in their boxes and in nothing else: `memo check` does not commit. */
export async function findTickedMemos(target: Git, root: string): Promise<FileChange[]> {
  const changed = (await listUncommitted(target, root)).filter(
    ({ path, status }) => path.startsWith(`${INCOMING}/`) && IS_CHANGED.test(status),
  );
  const found = await Promise.all(
    changed.map(async ({ path }) => {
      const file = join(root, path);
      const now = readRegularFile(file);
      const before = await readAtHead(target, file);
      return before !== null && differsInBoxesOnly(before, now) ? [put(file, now)] : [];
    }),
  );
  return found.flat();
}

/** Both with every box emptied must be the same text. */
function differsInBoxesOnly(before: Buffer, after: Buffer): boolean {
  const one = before.toString("utf8");
  const other = after.toString("utf8");
  return one.length === other.length && emptyBoxes(one) === emptyBoxes(other);
}

function emptyBoxes(text: string): string {
  const characters = text.split("");
  for (const { boxOffset } of scanChecklist(text)) characters[boxOffset] = " ";
  return characters.join("");
}
