import { type Git, gitFailed, tryGit } from "./git.ts";

/** An object of the repository, by any name that git understands. */
export interface GitObject {
  id: string;
  bytes: Buffer;
}

/**
 * Reads objects by name (`HEAD^{commit}`, `<commit>:<path>`) in one git process, however many; null where there
 * is none of that name. The order is that of the names.
 */
export async function readObjects(target: Git, names: readonly string[]): Promise<(GitObject | null)[]> {
  if (names.length === 0) return [];
  const lines = await Promise.all(names.map((name) => (name.includes("\n") ? idOf(target, name) : name)));
  const result = await tryGit(target, ["cat-file", "--batch"], `${lines.join("\n")}\n`);
  if (result.exitCode !== 0) throw gitFailed(target, ["cat-file"], result);
  const found = parseBatch(result.stdoutBytes, names.length);
  if (found === null) throw gitFailed(target, ["cat-file"], "its answer ended early");
  return found;
}

/** A name that would be two lines, as one; what it names may be none. */
async function idOf(target: Git, name: string): Promise<string> {
  const { exitCode, stdout } = await tryGit(target, ["rev-parse", "--quiet", "--verify", name]);
  return exitCode === 0 ? stdout.trim() : "-";
}

function parseBatch(output: Buffer, count: number): (GitObject | null)[] | null {
  const found: (GitObject | null)[] = [];
  let offset = 0;
  while (found.length < count) {
    const end = output.indexOf(10, offset);
    if (end < 0) return null;
    const [, id, size] = /^([0-9a-f]{40,64}) \w+ (\d+)$/.exec(output.toString("utf8", offset, end)) ?? [];
    offset = end + 1;
    if (id === undefined) found.push(null);
    else {
      const bytes = output.subarray(offset, offset + Number(size));
      if (bytes.length < Number(size)) return null;
      found.push({ id, bytes });
      offset += Number(size) + 1;
    }
  }
  return found;
}
