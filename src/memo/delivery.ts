import { dirname, join } from "node:path";
import { isSystemError, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { publishNew, readRegularFile, syncDirectory } from "../platform/files.ts";
import { ensureDirectory } from "../platform/folders.ts";
import { findGit, gitPath, tryGit } from "../platform/git.ts";
import { sha256 } from "../platform/hash.ts";
import { sameBytes } from "../platform/replace.ts";
import { describeSystemError } from "../platform/system-error.ts";
import { idOfFileName } from "./file-name.ts";
import { ARCHIVED, findByMonth, INCOMING } from "./mailbox.ts";

/** `conflict`: other bytes lie there under the same name; both are kept, and the receiver's intake says so. */
export type Delivery = "delivered" | "duplicate" | "conflict";

/**
 * Puts a memo file into a receiver's inbox, all of it or nothing, and never over another. Repeating it is safe.
 *
 * @throws the system's error where the folder cannot be written ({@link reasonToWait}), VibeopsError `file.symlink`
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
  if (sameBytes(await firstTakenIn(path, env), bytes)) {
    // Who delivered it before may have been cut off before its name was sure to stay.
    syncDirectory(dirname(path));
    return "duplicate";
  }
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

/**
 * Why a receiver's folder did not take the memo, where that may pass: a sandbox, a read-only or a full disk, a quota,
 * too many open files. Null for what somebody has to look into.
 */
export function reasonToWait(error: unknown, folder: string): string | null {
  const code = (error as { code?: unknown }).code;
  if (code === "file.unreadable" || isSystemError(error, "EROFS", "EACCES", "EPERM"))
    return `${folder} cannot be written from here`;
  const system = error instanceof VibeopsError ? null : describeSystemError(error);
  return system === null ? null : `${folder} did not take it: ${system.message}`;
}
