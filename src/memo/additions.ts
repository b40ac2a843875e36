import { type Git, git, gitPath } from "../platform/git.ts";
import { readObjects } from "../platform/git-objects.ts";

/** How a file came into the history: when, and with which bytes. */
export interface Addition {
  time: Date;
  bytes: Buffer;
}

/**
 * The first additions of files directly in a folder, by name. A memo that the person committed before any intake
 * saw it came unchecked; one that was taken in and ticked since came with the sender's words. Two git processes,
 * however many files.
 */
export async function readAdditions(
  target: Git,
  directory: string,
  names: readonly string[],
): Promise<Map<string, Addition>> {
  const folder = `${gitPath(target, directory)}/`;
  const wanted = new Set(names);
  const found = new Map<string, { commit: string; time: Date }>();
  // Oldest last, so that the first addition is the one that stays.
  const log = [
    "log",
    "--diff-filter=A",
    "--no-renames",
    "--name-only",
    "-z",
    "--format=%x01%H %ct",
    "HEAD",
    "--",
    folder,
  ];
  for (const record of (await git(target, log)).split("\u0001").slice(1)) {
    const [header = "", ...paths] = record.split("\0");
    const [commit = "", seconds = ""] = header.split(" ");
    for (const path of paths) {
      const name = path.trimStart().slice(folder.length);
      if (wanted.has(name)) found.set(name, { commit, time: new Date(Number(seconds) * 1000) });
    }
  }
  return await readBlobs(target, folder, found);
}

async function readBlobs(
  target: Git,
  folder: string,
  found: ReadonlyMap<string, { commit: string; time: Date }>,
): Promise<Map<string, Addition>> {
  const entries = [...found];
  const blobs = await readObjects(
    target,
    entries.map(([name, { commit }]) => `${commit}:${folder}${name}`),
  );
  const additions = new Map<string, Addition>();
  entries.forEach(([name, { time }], i) => {
    const blob = blobs[i];
    if (blob) additions.set(name, { time, bytes: blob.bytes });
  });
  return additions;
}
