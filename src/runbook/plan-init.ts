import { readFileSync, statSync } from "node:fs";
import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { lstatOrNull } from "../platform/files.ts";
import type { Signer } from "./allowed-signers.ts";
import { readPrivateKey } from "./private-key.ts";
import type { PublicKey } from "./ssh-key.ts";
import {
  listRevoked,
  listSigners,
  readOwnKey,
  requireHumanKey,
  requirePrincipal,
  type TrustPaths,
} from "./trust.ts";
import { trustRefusal } from "./trust-refusal.ts";
import { findWeakness, publicHalf, weakKey } from "./weak-key.ts";

/** What ssh-keygen can make for us: a key with a passphrase, or one in a security key. */
export const NEW_KEY_TYPES = ["ed25519", "ed25519-sk", "ecdsa-sk"] as const;
export type NewKeyType = (typeof NEW_KEY_TYPES)[number];

export interface InitRequest {
  /** Under which address the key is listed. */
  readonly principal: string;
  /** What to make where there is no key; ed25519 unless told. */
  readonly type?: NewKeyType;
  /** Or the private key to use: a copy of it goes into the trust folder. */
  readonly existing?: string;
}

type KeyPlan =
  | { readonly act: "make"; readonly type: NewKeyType }
  | { readonly act: "copy"; readonly from: string; readonly publicKey: PublicKey }
  | { readonly act: "keep"; readonly publicKey: PublicKey };

/** What would be done, for a person to read before they say yes. */
export interface InitPlan {
  readonly principal: string;
  readonly key: KeyPlan;
  /** Where a revoked key is moved to, to make room; null where there is none. */
  readonly retires: string | null;
  /** Whether a line is added to allowed_signers. */
  readonly lists: boolean;
  /** Whether there is no trust at all on this account yet: the key counts because it is the first. */
  readonly first: boolean;
  /** Who is listed already. */
  readonly others: readonly string[];
}

/**
 * Plans a person's own key and its line in allowed_signers; writes nothing. A key that is there is kept, so that an
 * init that was cut off is finished by the next one; a revoked one makes room for another.
 *
 * @throws VibeopsError `trust.principal`, `trust.key…`, `trust.revoked`, `trust.signers`
 */
export async function planInit(
  paths: TrustPaths,
  env: Context["env"],
  request: InitRequest,
): Promise<InitPlan> {
  const { principal } = request;
  requirePrincipal(principal, paths.allowedSigners);
  const signers = listSigners(paths);
  const own = readOwnHalf(paths);
  const retires = own !== null && isRevoked(paths, own);
  const keeps = own !== null && !retires;
  const key = keeps ? await keepKey(paths, env, request, own) : await planNewKey(paths, env, request);
  return {
    principal,
    key,
    retires: retires ? `${paths.key}.revoked-${own.fingerprint.replaceAll(/\W/g, "").slice(6, 14)}` : null,
    lists: key.act === "make" || !isListed(paths, signers, key.publicKey, principal),
    first: own === null && signers.length === 0,
    others: [...new Set(signers.map((signer) => signer.principal))].filter((name) => name !== principal),
  };
}

/**
 * What a person lacks who is about to sign a decision: nothing (null), or everything, and then the plan for their
 * first key. Whoever has some trust already changes it by an act of its own: a key that signs on the spot must not
 * list itself beside others.
 *
 * @throws VibeopsError `trust.key-missing` (exit 6), `trust.not-listed`, `trust.revoked`, `trust.key-open` and its like
 */
export async function planFirstKey(
  paths: TrustPaths,
  context: Pick<Context, "env" | "now">,
  principal: string,
): Promise<InitPlan | null> {
  const nothing = [paths.key, `${paths.key}.pub`, paths.allowedSigners].every((file) => {
    return lstatOrNull(file) === null;
  });
  if (nothing) return await planInit(paths, context.env, { principal });
  await requireHumanKey(paths, context, principal);
  return null;
}

function readOwnHalf(paths: TrustPaths): PublicKey | null {
  const own = readOwnKey(paths);
  if (own === null) return null;
  const half = publicHalf(paths.key, own);
  if (half !== null) return half;
  const fix = `ssh-keygen -y -f ${paths.key} > ${paths.key}.pub`;
  throw trustRefusal("key", paths.key, "the public half of this key is missing", fix);
}

function isRevoked(paths: TrustPaths, key: PublicKey): boolean {
  return listRevoked(paths).some((one) => one.fingerprint === key.fingerprint);
}

async function keepKey(
  paths: TrustPaths,
  env: Context["env"],
  request: InitRequest,
  own: PublicKey,
): Promise<KeyPlan> {
  const wished = request.existing === undefined ? null : await planCopy(paths, env, request.existing);
  const other = wished !== null && wished.publicKey.fingerprint !== own.fingerprint;
  if (other || (request.type !== undefined && request.type !== "ed25519")) {
    const fix = `keep it, or revoke it first: vibeops trust revoke ${own.fingerprint}`;
    throw trustRefusal("key-exists", paths.key, "there is an approval key already", fix);
  }
  const file = readOwnKey(paths);
  const weakness = file === null ? null : await findWeakness(file, own, env);
  if (weakness !== null) throw weakKey(paths.key, weakness, own);
  return { act: "keep", publicKey: own };
}

async function planNewKey(
  paths: TrustPaths,
  env: Context["env"],
  request: InitRequest,
): Promise<Exclude<KeyPlan, { act: "keep" }>> {
  if (request.existing === undefined) return { act: "make", type: request.type ?? "ed25519" };
  return await planCopy(paths, env, request.existing);
}

/** An existing key will do if it asks a human and is a file: one that only ssh-agent has asks nobody. */
async function planCopy(
  paths: TrustPaths,
  env: Context["env"],
  from: string,
): Promise<Extract<KeyPlan, { act: "copy" }>> {
  if (!statSync(from, { throwIfNoEntry: false })?.isFile()) {
    const message = "there is no such file";
    throw new VibeopsError({ code: "file.missing", exit: Exit.notFound, message, file: from });
  }
  const key = readPrivateKey(readFileSync(from, "latin1"));
  if (key === null) {
    const message = "this is no private key: without the file, only ssh-agent could sign, and it asks nobody";
    const fix = "name the private key, the file without .pub; or make a new one: vibeops trust init";
    throw trustRefusal("key", from, message, fix);
  }
  const publicKey = publicHalf(from, key);
  const weakness = await findWeakness(key, publicKey, env);
  if (weakness !== null) throw weakKey(from, weakness);
  if (publicKey === null) {
    const fix = `ssh-keygen -y -f ${from} > ${from}.pub`;
    throw trustRefusal("key", from, "the public half of this key is not beside it", fix);
  }
  if (isRevoked(paths, publicKey)) {
    throw trustRefusal("revoked", paths.revoked, "this key is revoked", "use another one");
  }
  return { act: "copy", from, publicKey };
}

function isListed(paths: TrustPaths, signers: readonly Signer[], key: PublicKey, principal: string): boolean {
  const mine = signers.filter((signer) => signer.fingerprint === key.fingerprint);
  if (mine.length === 0) return false;
  if (mine.some((signer) => signer.principal === principal)) return true;
  const other = mine[0]?.principal ?? "";
  const message = `this key is listed as ${other}'s already, and a key names one person`;
  throw trustRefusal("key-taken", paths.allowedSigners, message, `add: --as ${other}`);
}
