import { type Git, git, gitPath, tryGit } from "../platform/git.ts";

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
  const input = entries.map(([name, { commit }]) => `${commit}:${folder}${name}\n`).join("");
  const output = (await tryGit(target, ["cat-file", "--batch"], input)).stdoutBytes;
  const additions = new Map<string, Addition>();
  let offset = 0;
  for (const [name, { time }] of entries) {
    const end = output.indexOf(10, offset);
    const size = / blob (\d+)$/.exec(output.toString("utf8", offset, end))?.[1];
    offset = end + 1;
    if (size === undefined) continue;
    additions.set(name, { time, bytes: output.subarray(offset, offset + Number(size)) });
    offset += Number(size) + 1;
  }
  return additions;
}
