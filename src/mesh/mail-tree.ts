import { Exit, VibeopsError } from "../errors.ts";
import { git, tryGit } from "../platform/git.ts";
import { readObjects } from "../platform/git-objects.ts";
import { type Acknowledgement, maxAckBytes, parseAcknowledgements } from "./acknowledgement.ts";
import type { Scratch } from "./scratch.ts";

/** A file on a mail ref: `to/<receiver>/<name>`. */
export interface MailFile {
  readonly name: string;
  readonly mode: string;
  readonly blob: string;
  /** Bytes; null for what is no file. */
  readonly size: number | null;
}

/** A tree object holds some thirty bytes and a name for each entry: room for some eight thousand memos. */
const maxTreeBytes = 1024 * 1024;

/**
 * What lies in one folder of a commit, that folder alone: a tree that holds itself many times over would never end.
 *
 * @throws VibeopsError `mesh.crowded`
 */
export async function listMailFolder(scratch: Scratch, commit: string, folder: string): Promise<MailFile[]> {
  if ((await sizeOf(scratch, `${commit}:${folder}`, "tree", maxTreeBytes)) === null) return [];
  const listed = await git(scratch.git, ["ls-tree", "-z", "-l", commit, `${folder}/`]);
  return listed.split("\0").flatMap((record) => {
    const [, mode, blob, size, path] = /^(\d+) \w+ ([0-9a-f]+) +(\d+|-)\t([\s\S]+)$/.exec(record) ?? [];
    if (mode === undefined || blob === undefined || path === undefined) return [];
    return [{ name: path.slice(folder.length + 1), mode, blob, size: size === "-" ? null : Number(size) }];
  });
}

/** What a commit acknowledges of this sender's mail. @throws VibeopsError `mesh.crowded` */
export async function readAcknowledgements(
  scratch: Scratch,
  commit: string,
  sender: string,
): Promise<Acknowledgement[]> {
  const name = `${commit}:ack/${sender}`;
  if ((await sizeOf(scratch, name, "blob", maxAckBytes)) === null) return [];
  const [object] = await readObjects(scratch.git, [name]);
  return object === null || object === undefined
    ? []
    : parseAcknowledgements(object.bytes.toString("latin1"));
}

/** Null where there is no such object of that kind. */
async function sizeOf(
  scratch: Scratch,
  name: string,
  kind: "tree" | "blob",
  max: number,
): Promise<number | null> {
  const checked = await tryGit(scratch.git, ["cat-file", "--batch-check"], `${name}\n`);
  const [, found, size] = /^[0-9a-f]+ (\w+) (\d+)\n$/.exec(checked.stdout) ?? [];
  if (found !== kind || size === undefined) return null;
  if (Number(size) <= max) return Number(size);
  throw new VibeopsError({
    code: "mesh.crowded",
    exit: Exit.refused,
    message: `${name.slice(name.indexOf(":") + 1)} has ${size} bytes; at most ${max} are read`,
    fix: "ask the peer to look at its ref: thousands of memos wait there, or none are",
  });
}

/** All that our own ref holds: files by path, and what we acknowledged, by sender. */
export interface OwnTree {
  /** `to/<receiver>/<name>` to git's id of the bytes. */
  readonly files: ReadonlyMap<string, string>;
  readonly acknowledged: ReadonlyMap<string, readonly Acknowledgement[]>;
}

export const emptyTree: OwnTree = { files: new Map(), acknowledged: new Map() };

/** Only for a commit that was found to be ours. */
export async function readOwnTree(scratch: Scratch, commit: string): Promise<OwnTree> {
  const files = new Map<string, string>();
  for (const receiver of await listMailFolder(scratch, commit, "to")) {
    for (const file of await listMailFolder(scratch, commit, `to/${receiver.name}`)) {
      files.set(`to/${receiver.name}/${file.name}`, file.blob);
    }
  }
  const acknowledged = new Map<string, readonly Acknowledgement[]>();
  for (const { name } of await listMailFolder(scratch, commit, "ack")) {
    acknowledged.set(name, await readAcknowledgements(scratch, commit, name));
  }
  return { files, acknowledged };
}
