import { lstatSync, mkdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { lstatOrNull, readIfExists, writeFileDurably } from "../platform/files.ts";
import { configDirectory } from "../platform/person.ts";
import { runProcess } from "../platform/process.ts";
import { decodeText } from "../text/decode.ts";
import { parseSigners, type Signer } from "./allowed-signers.ts";
import { sshKeygen, sshKeygenOnTerminal } from "./sign.ts";

/** What an approval is signed under; a signature made for anything else is worth nothing here. */
export const APPROVAL_NAMESPACE = "vibeops-approval";
/** What closes a record. */
export const RECORD_NAMESPACE = "vibeops-record";

/** The person's own trust, outside every project. */
export interface TrustPaths {
  readonly directory: string;
  /** Private key; its public half lies beside it with `.pub`. */
  readonly key: string;
  readonly allowedSigners: string;
  /** Public keys that no longer count, one per line; need not exist. */
  readonly revoked: string;
}

export function trustPaths(env: Context["env"]): TrustPaths {
  const directory = configDirectory(env);
  return {
    directory,
    key: join(directory, "approval_key"),
    allowedSigners: join(directory, "allowed_signers"),
    revoked: join(directory, "revoked_keys"),
  };
}

/**
 * Refuses trust that an agent of this project could write: inside the work tree, reached through a link, or
 * writable by others.
 *
 * @throws VibeopsError `trust.inside`, `trust.symlink`, `trust.writable`
 */
export function refuseReachableTrust(paths: TrustPaths, workTree: string): void {
  const directory = realPathOfNearest(paths.directory);
  const top = realpathSync(workTree);
  if (directory === top || directory.startsWith(`${top}${sep}`)) {
    throw refusal("inside", paths.directory, "the trust folder lies inside the project, where agents write", [
      "unset XDG_CONFIG_HOME, or point it outside of the project",
    ]);
  }
  for (const file of [paths.key, `${paths.key}.pub`, paths.allowedSigners, paths.revoked]) {
    const stats = lstatOrNull(file);
    if (stats === null) continue;
    if (stats.isSymbolicLink()) {
      throw refusal("symlink", file, "this is a symbolic link", ["put the file itself there"]);
    }
    if ((stats.mode & 0o022) !== 0) {
      throw refusal("writable", file, "others may write this file", [`run: chmod go-w ${file}`]);
    }
  }
}

function refusal(reason: string, file: string, message: string, [fix]: [string]): VibeopsError {
  return new VibeopsError({ code: `trust.${reason}`, exit: Exit.refused, message, file, fix });
}

/** The real path of a folder that may not exist yet. */
function realPathOfNearest(path: string): string {
  for (let at = resolve(path), rest = ""; ; ) {
    if (lstatOrNull(at) !== null) return join(realpathSync(at), rest);
    rest = join(at.slice(dirname(at).length).replace(/^\//, ""), rest);
    at = dirname(at);
  }
}

/** Who may decide, from allowed_signers; nobody where there is no such file. @throws VibeopsError `trust.signers` */
export function listSigners(paths: TrustPaths): Signer[] {
  const bytes = readIfExists(paths.allowedSigners);
  return bytes === null ? [] : parseSigners(decodeText(bytes, paths.allowedSigners), paths.allowedSigners);
}

/**
 * Adds a person's public key for approvals and record seals.
 *
 * @throws VibeopsError `trust.principal`, `trust.key`
 */
export function addSigner(paths: TrustPaths, principal: string, publicKey: string): void {
  if (!/^[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+$/.test(principal)) {
    throw refusal("principal", paths.allowedSigners, `'${principal}' is no e-mail address`, [
      "name one person by their address; a pattern would let others in",
    ]);
  }
  const [, type, blob] =
    /^((?:sk-)?(?:ssh|ecdsa)-[a-z0-9@.-]+) ([A-Za-z0-9+/=]+)(?: |$)/.exec(publicKey.trim()) ?? [];
  if (type === undefined || blob === undefined) {
    throw refusal("key", paths.allowedSigners, "this is no OpenSSH public key", [
      "give the text of a .pub file",
    ]);
  }
  mkdirSync(paths.directory, { recursive: true, mode: 0o700 });
  const before = readIfExists(paths.allowedSigners)?.toString("utf8") ?? "";
  const line = `${principal} namespaces="${APPROVAL_NAMESPACE},${RECORD_NAMESPACE}" ${type} ${blob}\n`;
  if (before.includes(line)) return;
  const start = before === "" || before.endsWith("\n") ? before : `${before}\n`;
  writeFileDurably(paths.allowedSigners, Buffer.from(`${start}${line}`));
}

/**
 * Makes the person's approval key. ssh-keygen itself asks for the passphrase, on the terminal; a key that came
 * out without one is deleted again.
 *
 * @throws VibeopsError `trust.key-exists`, `trust.key-not-made`, `trust.key-open`
 */
export async function makeKey(paths: TrustPaths, principal: string, env: Context["env"]): Promise<void> {
  if (lstatOrNull(paths.key) !== null) {
    throw refusal("key-exists", paths.key, "there is an approval key already", [
      "keep it, or move it away first",
    ]);
  }
  mkdirSync(paths.directory, { recursive: true, mode: 0o700 });
  const args = ["-q", "-t", "ed25519", "-C", principal, "-f", paths.key];
  const exitCode = await sshKeygenOnTerminal(args, env);
  if (exitCode !== 0 || lstatOrNull(paths.key) === null) {
    throw refusal("key-not-made", paths.key, "ssh-keygen made no key", ["try again, with a passphrase"]);
  }
  if (await keyNeedsHuman(paths.key, env)) return;
  rmSync(paths.key, { force: true });
  rmSync(`${paths.key}.pub`, { force: true });
  throw keyOpen(paths.key);
}

function keyOpen(file: string): VibeopsError {
  return refusal(
    "key-open",
    file,
    "this key opens without a passphrase, so a program could approve with it",
    ["run the command again and choose a passphrase; for a key that you keep: ssh-keygen -p -f KEY"],
  );
}

/**
 * Whether using a private key takes a person: it is encrypted, or it is the handle of a security key, which
 * wants a touch.
 */
export async function keyNeedsHuman(file: string, env: Context["env"]): Promise<boolean> {
  const result = await sshKeygen(["-y", "-P", "", "-f", file], env);
  return result.exitCode !== 0 || result.stdout.startsWith("sk-");
}

/** @throws VibeopsError `trust.key-missing`, `trust.key-open` */
export async function requireHumanKey(paths: TrustPaths, env: Context["env"]): Promise<void> {
  if (!lstatSync(paths.key, { throwIfNoEntry: false })?.isFile()) {
    throw new VibeopsError({
      code: "trust.key-missing",
      exit: Exit.humanNeeded,
      message: "you have no approval key yet",
      file: paths.key,
      fix: "vibeops runbook approve makes one on the spot",
    });
  }
  if (!(await keyNeedsHuman(paths.key, env))) throw keyOpen(paths.key);
}

/** The public half of the person's own key; null where there is none. */
export function ownPublicKey(paths: TrustPaths): string | null {
  if (lstatOrNull(`${paths.key}.pub`) === null) return null;
  return readFileSync(`${paths.key}.pub`, "utf8").trim();
}

/** Who the person is, unless told: git's user.email. @throws VibeopsError `trust.principal` */
export async function defaultPrincipal(directory: string, env: Context["env"]): Promise<string> {
  const result = await runProcess("git", ["config", "user.email"], { cwd: directory, env });
  const email = result.stdout.trim();
  if (email !== "") return email;
  throw new VibeopsError({
    code: "trust.principal",
    exit: Exit.usage,
    message: "git does not know your e-mail address, by which a signature names you",
    fix: "git config --global user.email you@example.com",
  });
}
