import { basename, join, relative } from "node:path";
import { lstatOrNull, readRegularFile } from "../platform/files.ts";
import { type Git, gitDirectory, gitPath, mayHold } from "../platform/git.ts";
import { readObjects } from "../platform/git-objects.ts";
import { idMonth } from "../platform/ids.ts";
import { commonDirectory } from "../platform/work-trees.ts";
import { idOfFileName } from "./file-name.ts";
import { readCommitted } from "./in-head.ts";
import { finderByMonth } from "./mailbox.ts";

/** A memo in a folder that is kept by months: on disk, or in HEAD alone where a sparse checkout leaves it out. */
interface FoundMemo {
  /** Absolute; where it lies, or would. */
  path: string;
  /** @throws VibeopsError `file.…` */
  read: () => Buffer;
}

export type FindKept = (id: string) => FoundMemo | null;

/** Finds the ones with these ids in a folder. What comes into it later is not seen. */
export async function finderOfKept(
  target: Git,
  root: string,
  folder: string,
  ids: readonly string[],
): Promise<FindKept> {
  const onDisk = finderByMonth(root, folder);
  const missing = isSparse(target) ? ids.filter((id) => onDisk(id) === null) : [];
  const leftOut = await readLeftOut(target, join(root, folder), missing);
  return (id) => {
    const path = onDisk(id);
    return path === null ? (leftOut.get(id) ?? null) : { path, read: () => readRegularFile(path) };
  };
}

/** Whether files that HEAD holds may have been left out of the work tree on purpose; git-sparse-checkout(1). */
export function isSparse(target: Git): boolean {
  const own = gitDirectory(target);
  if (lstatOrNull(join(own, "info/sparse-checkout")) === null) return false;
  // Its patterns stay behind when it is given up.
  const ownSettings = join(relative(commonDirectory(target.top), own), "config.worktree");
  return mayHold(target, ownSettings, IS_ON) || mayHold(target, "config", IS_ON);
}

const IS_ON = /^\s*sparsecheckout\s*(?:=\s*(?:true|yes|on|1)\s*)?$/im;

async function readLeftOut(
  target: Git,
  folder: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, FoundMemo>> {
  if (ids.length === 0) return new Map();
  const wanted = new Set(ids);
  const months = [...new Set(ids.map((id) => join(folder, idMonth(id))))];
  const inHead = await readCommitted(target, months);
  const paths = months.flatMap((month) =>
    [...inHead(month)]
      .filter((name) => wanted.has(idOfFileName(name) ?? ""))
      .map((name) => join(month, name)),
  );
  const objects = await readObjects(
    target,
    paths.map((path) => `HEAD:${gitPath(target, path)}`),
  );
  return new Map(
    paths.flatMap((path, i) => {
      const bytes = objects[i]?.bytes;
      return bytes === undefined ? [] : [[idOfFileName(basename(path)) ?? "", { path, read: () => bytes }]];
    }),
  );
}
