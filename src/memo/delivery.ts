import { join } from "node:path";
import { isSystemError, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { ensureDirectory, publishNew, readRegularFile } from "../platform/files.ts";
import { findGit, gitPath, tryGit } from "../platform/git.ts";
import { sha256 } from "../platform/hash.ts";
import { sameBytes } from "../platform/replace.ts";
import { idOfFileName } from "./file-name.ts";
import { ARCHIVED, findByMonth, INCOMING } from "./mailbox.ts";

/** `conflict`: other bytes lie there under the same name; both are kept, and the receiver's intake says so. */
export type Delivery = "delivered" | "duplicate" | "conflict";

/**
 * Puts a memo file into a receiver's inbox, all of it or nothing, and never over another. Repeating it is safe.
 *
 * @throws the system's error where the folder cannot be written ({@link isUnwritable}), VibeopsError `file.symlink`
 */
export async function deliver(
  receiverRoot: string,
  name: string,
  bytes: Uint8Array,
  env: Context["env"],
): Promise<Delivery> {
  const id = idOfFileName(name);
  if (id !== null && findByMonth(receiverRoot, ARCHIVED, id) !== null) return "duplicate";
  const path = join(ensureDirectory(receiverRoot, INCOMING), name);
  if (publishNew(path, bytes) === "created") return "delivered";
  if (sameBytes(await firstTakenIn(path, env), bytes)) return "duplicate";
  publishNew(path.replace(/\.md$/, `-conflict-${sha256(bytes).slice(0, 8)}.md`), bytes);
  return "conflict";
}

/** The bytes under which a pending memo first came: the receiver may have ticked a box since, and git remembers. */
async function firstTakenIn(path: string, env: Context["env"]): Promise<Buffer> {
  const git = findGit(join(path, ".."), env);
  if (git === null) return readRegularFile(path);
  const relative = gitPath(git, path);
  const history = await tryGit(git, ["rev-list", "HEAD", "--", relative]);
  const first = history.exitCode === 0 ? history.stdout.trim().split("\n").at(-1) : "";
  if (!first) return readRegularFile(path);
  const blob = await tryGit(git, ["cat-file", "blob", `${first}:${relative}`]);
  return blob.exitCode === 0 ? blob.stdoutBytes : readRegularFile(path);
}

/** Whether a write failed because we may not work there: a sandbox, a read-only disk, somebody else's folder. */
export function isUnwritable(error: unknown): boolean {
  if (error instanceof VibeopsError) return error.code === "file.unreadable";
  return isSystemError(error, "EROFS", "EACCES", "EPERM");
}
