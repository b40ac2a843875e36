import { mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { lstatOrNull, syncDirectory } from "../platform/files.ts";
import { type Git, git, requireGit } from "../platform/git.ts";
import { readObjects } from "../platform/git-objects.ts";
import { withLock } from "../platform/lock.ts";
import { configDirectory } from "../platform/person.ts";
import { runProcess } from "../platform/process.ts";
import { randomSuffix } from "../platform/random-suffix.ts";
import { MINUTE_MS } from "../platform/units-of-time.ts";
import type { Project } from "../project/project.ts";
import { readPrivateKey } from "../runbook/private-key.ts";
import type { PublicKey } from "../runbook/ssh-key.ts";

/**
 * What a project's mail is signed with. Not the approval key: an agent may send without a human, so this one has no
 * passphrase, and all that it proves is which machine and account a memo came from.
 */
export interface MailKey extends PublicKey {
  readonly file: string;
  /** `ssh-ed25519 AAAA…`: what the peers list under `signers`. */
  readonly line: string;
}

/**
 * Which project this is among all of the person's: its name, and the repository's first commit, which all of its
 * clones have and no other project of that name.
 */
export async function mailIdentity(project: Project, context: Context): Promise<string> {
  const target = requireGit(project.root, context.env);
  const roots = await git(target, ["rev-list", "--first-parent", "--max-parents=0", "HEAD"], {
    allowFailure: true,
  });
  const first = roots.trim().split("\n").at(-1) ?? "";
  if (first !== "") {
    await requireFirst(target, first);
    return `${project.name}-${first.slice(0, 12)}`;
  }
  throw new VibeopsError({
    code: "mesh.no-commit",
    exit: Exit.usage,
    message: "this repository has no commit yet, and mail comes from a project with a history",
    file: project.root,
    fix: 'commit what there is: git add -A && git commit -m "Start"',
  });
}

/** A shallow clone takes its oldest commit for the first one: each would be another project, with a key of its own. */
async function requireFirst(target: Git, commit: string): Promise<void> {
  const [object] = await readObjects(target, [commit]);
  if (object?.bytes.toString("latin1").split("\n", 2)[1]?.startsWith("parent ") !== true) return;
  throw new VibeopsError({
    code: "mesh.shallow",
    exit: Exit.usage,
    message: "this is a shallow clone: how its history begins, by which its mail is known, is not in it",
    file: target.top,
    fix: "git fetch --unshallow; where CI made the clone, let it fetch all of the history",
  });
}

function keyFile(identity: string, env: Context["env"]): string {
  return join(configDirectory(env), "mail", identity);
}

/** The project's mail key; null where it has none yet. @throws VibeopsError `mesh.key` */
export function findMailKey(identity: string, env: Context["env"]): MailKey | null {
  const file = keyFile(identity, env);
  if (lstatOrNull(file)?.isFile() !== true) return null;
  const publicKey = readPrivateKey(readFileSync(file, "latin1"))?.publicKey ?? null;
  if (publicKey !== null) return { ...publicKey, file, line: `${publicKey.keyType} ${publicKey.blob}` };
  throw new VibeopsError({
    code: "mesh.key",
    exit: Exit.humanNeeded,
    message: "this is no private key of OpenSSH",
    file,
    fix: "move it away: the next sync makes another one, whose public half your peers must list",
  });
}

/** As {@link findMailKey}, and makes one on first use. */
export async function ensureMailKey(
  identity: string,
  env: Context["env"],
): Promise<{ key: MailKey; isNew: boolean }> {
  const file = keyFile(identity, env);
  const folder = join(configDirectory(env), "mail");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return await withLock(file, async () => {
    const there = findMailKey(identity, env);
    if (there !== null) return { key: there, isNew: false };
    await makeKey(file, identity, env);
    syncDirectory(folder);
    const key = findMailKey(identity, env);
    if (key === null) throw new Error(`${file} is gone`);
    return { key, isNew: true };
  });
}

async function makeKey(file: string, identity: string, env: Context["env"]): Promise<void> {
  const fresh = `${file}.new-${randomSuffix()}`;
  const args = ["-q", "-t", "ed25519", "-N", "", "-C", `mail of ${identity}`, "-f", fresh];
  const made = await runProcess("ssh-keygen", args, { env, timeoutMs: MINUTE_MS });
  if (made.exitCode !== 0) {
    rmSync(fresh, { force: true });
    const message = `ssh-keygen made no key: ${made.stderr.trim()}`;
    throw new VibeopsError({ code: "mesh.key", exit: Exit.unexpected, message, file });
  }
  renameSync(`${fresh}.pub`, `${file}.pub`);
  renameSync(fresh, file);
}
