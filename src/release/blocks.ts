import { relative, sep } from "node:path";
import { VibeopsError } from "../errors.ts";
import { type Deployment, readDeployment } from "../memo/deployment.ts";
import { ARCHIVED, findByMonth, readInbox, readMemoFile, SENT, type StoredMemo } from "../memo/mailbox.ts";

export interface LocatedBlock extends Deployment {
  /** Path below the project. */
  readonly file: string;
}

/** Blocks of deployment memos that wait in the inbox, by service; the newest of each. */
export type PendingBlocks = ReadonlyMap<string, LocatedBlock>;

export function readPendingBlocks(root: string, memos: readonly StoredMemo[]): PendingBlocks {
  const blocks = new Map<string, LocatedBlock>();
  for (const stored of memos) {
    const block = tryBlock(root, stored);
    if (block !== null) blocks.set(block.block.service, block);
  }
  return blocks;
}

/** Null where it has none, or one that cannot be read: `memo lint` says why. */
export function tryBlock(root: string, stored: StoredMemo): LocatedBlock | null {
  if (stored.memo.type !== "deployment") return null;
  try {
    return located(root, stored);
  } catch (error) {
    if (error instanceof VibeopsError) return null;
    throw error;
  }
}

/** The block of a memo by its id, wherever the memo lies; null where it is not here. @throws VibeopsError as readDeployment */
export function findBlock(root: string, id: string, now: Date): LocatedBlock | null {
  const path = findByMonth(root, ARCHIVED, id) ?? findByMonth(root, SENT, id);
  if (path === null) {
    const waiting = readInbox(root, now).memos.find(({ memo }) => memo.id === id);
    return waiting === undefined ? null : located(root, waiting);
  }
  return located(root, readMemoFile(path, path.slice(path.lastIndexOf("/") + 1), now));
}

function located(root: string, { path, memo }: StoredMemo): LocatedBlock {
  const file = relative(root, path).split(sep).join("/");
  return { ...readDeployment(memo, file), file };
}
