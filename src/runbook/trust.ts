import { lstatSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { lstatOrNull, readIfExists, writeFileDurably } from "../platform/files.ts";
import { configDirectory, stateDirectory } from "../platform/person.ts";
import { runProcess } from "../platform/process.ts";
import { workTreesOf } from "../platform/work-trees.ts";
import { decodeText } from "../text/decode.ts";
import {
  APPROVAL_NAMESPACE,
  countsFor,
  isPrincipal,
  parseSigners,
  type Signer,
  whyOutOfTime,
  withSigner,
} from "./allowed-signers.ts";
import { refuseReachableFile, refuseReachableFolder } from "./person-folders.ts";
import { type PrivateKeyFile, readPrivateKey } from "./private-key.ts";
import { parseRevoked, type Revocation, refuseRevocationList } from "./revoked-keys.ts";
import type { PublicKey } from "./ssh-key.ts";
import { trustRefusal } from "./trust-refusal.ts";
import { findWeakness, parsePublicKey, publicHalf, weakKey } from "./weak-key.ts";

export { APPROVAL_NAMESPACE, RECORD_NAMESPACE } from "./allowed-signers.ts";

/** The person's own trust, outside every project. */
export interface TrustPaths {
  readonly directory: string;
  /** Where spent nonces and last seen heads are. */
  readonly state: string;
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
    state: stateDirectory(env),
    key: join(directory, "approval_key"),
    allowedSigners: join(directory, "allowed_signers"),
    revoked: join(directory, "revoked_keys"),
  };
}

/**
 * Refuses trust that somebody else than this person could write: in a work tree of the project (`top`; null: there
 * is none), in another project, reached through one, or writable by others. The gate asks this before it reads
 * anything from the person's folders: who may decide, which approvals are used up, where records ended.
 *
 * @throws VibeopsError `trust.inside`, `trust.owner`, `trust.writable`, `trust.symlink`
 */
export function refuseReachableTrust(paths: TrustPaths, top: string | null): void {
  const trees = top === null ? [] : workTreesOf(top);
  refuseReachableFolder({ path: paths.directory, noun: "trust", variable: "XDG_CONFIG_HOME" }, trees);
  refuseReachableFolder({ path: paths.state, noun: "state", variable: "XDG_STATE_HOME" }, trees);
  for (const file of [paths.key, `${paths.key}.pub`, paths.allowedSigners, paths.revoked]) {
    refuseReachableFile(file);
  }
}

/** Who may decide, from allowed_signers; nobody where there is no such file. @throws VibeopsError `trust.signers` */
export function listSigners(paths: TrustPaths): Signer[] {
  return parseSigners(readTrustFile(paths.allowedSigners), paths.allowedSigners);
}

/** Whose keys no longer count. @throws VibeopsError `trust.revoked-keys` */
export function listRevoked(paths: TrustPaths): Revocation[] {
  return parseRevoked(readTrustFile(paths.revoked), paths.revoked);
}

/** The text of a file in the trust folder; empty where there is none. @throws VibeopsError `trust.…` for what is no text */
export function readTrustFile(file: string): string {
  const bytes = readIfExists(file) ?? Buffer.alloc(0);
  refuseRevocationList(bytes, file);
  const text = decodeText(bytes, file);
  if (!text.startsWith("\ufeff")) return text;
  const message = "a byte order mark stands before the first line, and ssh-keygen takes it for a part of it";
  throw trustRefusal("encoding", file, message, "save the file as UTF-8 without a byte order mark", 1);
}

/** @throws VibeopsError `trust.principal` */
export function requirePrincipal(principal: string, file: string): void {
  if (isPrincipal(principal) && /^[^@]+@[^@]+$/.test(principal)) return;
  throw trustRefusal(
    "principal",
    file,
    `'${principal}' is no e-mail address`,
    "name one person by their address; a pattern would let others in",
  );
}

/**
 * Lists a person's public key for approvals and record seals; `until` is the last day on which it counts. Callers
 * that others may run beside hold the lock of allowed_signers.
 *
 * @throws VibeopsError `trust.principal`, `trust.key`, `trust.signers`
 */
export function addSigner(paths: TrustPaths, principal: string, publicKey: string, until?: string): void {
  requirePrincipal(principal, paths.allowedSigners);
  const key = parsePublicKey(publicKey, paths.allowedSigners);
  mkdirSync(paths.directory, { recursive: true, mode: 0o700 });
  const before = readTrustFile(paths.allowedSigners);
  const signer = { principal, key, ...(until === undefined ? {} : { until }) };
  const after = withSigner(before, paths.allowedSigners, signer);
  if (after !== before) writeFileDurably(paths.allowedSigners, Buffer.from(after));
}

/** The person's private key, as far as its file says; null where there is none. @throws VibeopsError `trust.key` */
export function readOwnKey(paths: TrustPaths): PrivateKeyFile | null {
  if (!lstatSync(paths.key, { throwIfNoEntry: false })?.isFile()) return null;
  const key = readPrivateKey(readFileSync(paths.key, "latin1"));
  if (key !== null) return key;
  throw trustRefusal(
    "key",
    paths.key,
    "this is no private key of OpenSSH",
    "move it away: vibeops trust init",
  );
}

/** The public half of the person's own key, as a `.pub` file has it; null where there is none. */
export function ownPublicKey(paths: TrustPaths): string | null {
  if (lstatOrNull(`${paths.key}.pub`) !== null) return readFileSync(`${paths.key}.pub`, "utf8").trim();
  const key = readOwnKey(paths)?.publicKey ?? null;
  return key === null ? null : `${key.keyType} ${key.blob}`;
}

/**
 * Whether using the private key in a file takes a person, as far as can be seen now: it is encrypted and in no
 * ssh-agent, or it is the handle of a security key that wants a touch. True where there is no such file.
 */
export async function keyNeedsHuman(file: string, env: Context["env"]): Promise<boolean> {
  if (lstatOrNull(file) === null) return true;
  const key = readPrivateKey(readFileSync(file, "latin1"));
  return key !== null && (await findWeakness(key, publicHalf(file, key), env)) === null;
}

/**
 * Whoever signs needs a key of their own that asks them, that is listed as theirs and for what they sign, counts now and
 * is not revoked.
 *
 * @throws VibeopsError `trust.key-missing` (exit 6), `trust.key-open`, `trust.key-no-touch`, `trust.key-in-agent`,
 * `trust.key-short`, and those of {@link requireListed}
 */
export async function requireHumanKey(
  paths: TrustPaths,
  { env, now }: Pick<Context, "env" | "now">,
  principal?: string,
  namespace: string = APPROVAL_NAMESPACE,
): Promise<void> {
  const key = readOwnKey(paths);
  if (key === null) throw keyMissing(paths);
  const own = publicHalf(paths.key, key);
  const weakness = await findWeakness(key, own, env);
  if (weakness !== null) throw weakKey(paths.key, weakness, own);
  requireListed(paths, own, now(), { principal, namespace });
}

function keyMissing(paths: TrustPaths): VibeopsError {
  return new VibeopsError({
    code: "trust.key-missing",
    exit: Exit.humanNeeded,
    message: "you have no approval key yet",
    file: paths.key,
    fix: "make one: vibeops trust init",
  });
}

/**
 * @throws VibeopsError `trust.not-listed`, `trust.revoked`, `trust.key-ended`; with the command that lists the key for
 * `principal`
 */
function requireListed(
  paths: TrustPaths,
  own: PublicKey | null,
  time: Date,
  { principal, namespace }: { readonly principal: string | undefined; readonly namespace: string },
): void {
  const mine = listSigners(paths).filter((signer) => signer.fingerprint === own?.fingerprint);
  if (listRevoked(paths).some((one) => one.fingerprint === own?.fingerprint)) {
    const fix = "make another one: vibeops trust init";
    throw trustRefusal("revoked", paths.revoked, "your key is revoked: what it signs does not count", fix);
  }
  const named = mine.filter((signer) => principal === undefined || signer.principal === principal);
  const theirs = named.filter((signer) => countsFor(signer, namespace));
  if (theirs.some((signer) => whyOutOfTime(signer, time) === null)) return;
  const [late] = theirs;
  if (late !== undefined) {
    throw trustRefusal(
      "key-ended",
      paths.allowedSigners,
      `your key ${whyOutOfTime(late, time)}: what it signs does not count`,
      `list it anew: vibeops trust add ${late.principal} ${paths.key}.pub`,
      late.line,
    );
  }
  const [elsewhere] = named;
  if (elsewhere !== undefined) {
    throw trustRefusal(
      "namespace",
      paths.allowedSigners,
      `your key is listed for ${elsewhere.namespaces.join(", ")} alone, not for ${namespace}`,
      `list it for both: vibeops trust add ${elsewhere.principal} ${paths.key}.pub`,
      elsewhere.line,
    );
  }
  const who = principal ?? "you@example.com";
  const other = mine[0]?.principal;
  throw trustRefusal(
    "not-listed",
    paths.allowedSigners,
    other === undefined
      ? `your key is not in allowed_signers, so what it signs does not count`
      : `your key is listed as ${other}'s, not as ${who}'s`,
    other === undefined ? `vibeops trust add ${who} ${paths.key}.pub` : `add: --as ${other}`,
  );
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
