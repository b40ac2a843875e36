import { mkdirSync } from "node:fs";
import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { writeFileDurably } from "../platform/files.ts";
import { withLock } from "../platform/lock.ts";
import { formatSigner, type NewSigner, type Signer, withSigner } from "./allowed-signers.ts";
import { type HumanFacts, requireHuman } from "./human.ts";
import { withRevoked } from "./revoked-keys.ts";
import { STRONGER_KEY, whyTooShort } from "./ssh-key.ts";
import {
  addSigner,
  listRevoked,
  listSigners,
  readTrustFile,
  requirePrincipal,
  type TrustPaths,
} from "./trust.ts";
import { trustRefusal } from "./trust-refusal.ts";

const ACT = "decide whom to trust";

/** What listing somebody would change. */
export interface AddPlan {
  readonly signer: NewSigner;
  /** The line of allowed_signers. */
  readonly line: string;
  /** `none`: it stands there already; `replace`: the same key counts until another day. */
  readonly change: "add" | "replace" | "none";
}

/**
 * Plans to list a person's key; writes nothing.
 *
 * @throws VibeopsError `trust.principal`, `trust.until`, `trust.key-short`, `trust.revoked`, `trust.key-taken`, `trust.signers`
 */
export function planAdd(paths: TrustPaths, signer: NewSigner, now: Date): AddPlan {
  requirePrincipal(signer.principal, paths.allowedSigners);
  requireDay(signer.until, now);
  const weakness = whyTooShort(signer.key);
  if (weakness !== null) {
    throw trustRefusal(
      "key-short",
      paths.allowedSigners,
      `this is ${weakness}, which others can forge`,
      STRONGER_KEY,
    );
  }
  const { fingerprint } = signer.key;
  if (listRevoked(paths).some((one) => one.fingerprint === fingerprint)) {
    const fix = `ask for a new key; if it was revoked by mistake, remove its line from ${paths.revoked}`;
    throw trustRefusal("revoked", paths.revoked, "this key is revoked", fix);
  }
  const listed = listSigners(paths).filter((one) => one.fingerprint === fingerprint);
  const other = listed.find((one) => one.principal !== signer.principal);
  if (other !== undefined) {
    const message = `this key is ${other.principal}'s, and a key names one person`;
    throw trustRefusal(
      "key-taken",
      paths.allowedSigners,
      message,
      "each person has a key of their own",
      other.line,
    );
  }
  const before = readTrustFile(paths.allowedSigners);
  const same = withSigner(before, paths.allowedSigners, signer) === before;
  return {
    signer,
    line: formatSigner(signer),
    change: same ? "none" : listed.length > 0 ? "replace" : "add",
  };
}

function requireDay(day: string | undefined, now: Date): void {
  if (day === undefined) return;
  const time = /^\d{4}-\d\d-\d\d$/.test(day) ? new Date(`${day}T00:00:00Z`) : null;
  const real = time !== null && !Number.isNaN(time.getTime()) && time.toISOString().startsWith(day);
  if (real && day >= now.toISOString().slice(0, 10)) return;
  throw new VibeopsError({
    code: "trust.until",
    exit: Exit.usage,
    message: real ? `${day} is over` : `'${day}' is no day`,
    fix: "the last day on which the key counts: --until 2027-06-30",
  });
}

/** Lists the key, once a person has seen the plan and said yes. @throws VibeopsError as {@link planAdd}, `human.…` */
export async function applyAdd(
  paths: TrustPaths,
  context: Context,
  facts: HumanFacts,
  plan: AddPlan,
): Promise<void> {
  requireHuman(context.env, facts, ACT);
  mkdirSync(paths.directory, { recursive: true, mode: 0o700 });
  await withLock(paths.allowedSigners, () => {
    const { principal, key, until } = planAdd(paths, plan.signer, context.now()).signer;
    addSigner(paths, principal, `${key.keyType} ${key.blob}`, until);
  });
}

/** What revoking would change: the keys that stop counting; empty where they do not count already. */
export interface RevokePlan {
  readonly keys: readonly Signer[];
  /** Of those that were meant: revoked before. */
  readonly already: readonly Signer[];
  readonly reason: string;
}

/**
 * Plans to revoke all keys of a person, or one by its fingerprint or a unique beginning of it; writes nothing.
 *
 * @throws VibeopsError `trust.unknown` (exit 3), `trust.ambiguous`
 */
export function planRevoke(paths: TrustPaths, whom: string, reason: string): RevokePlan {
  const meant = selectSigners(paths, whom);
  const revoked = new Set(listRevoked(paths).map((one) => one.fingerprint));
  return {
    keys: meant.filter((signer) => !revoked.has(signer.fingerprint)),
    already: meant.filter((signer) => revoked.has(signer.fingerprint)),
    reason: reason.replaceAll(/\s+/g, " ").trim(),
  };
}

function selectSigners(paths: TrustPaths, whom: string): Signer[] {
  const signers = listSigners(paths);
  const byName = signers.filter((signer) => signer.principal === whom);
  if (byName.length > 0) return byName;
  const digits = whom.replace(/^SHA256:/, "");
  const byKey =
    digits.length < 6 ? [] : signers.filter((one) => one.fingerprint.startsWith(`SHA256:${digits}`));
  const found = new Set(byKey.map((signer) => signer.fingerprint)).size;
  if (found === 1) return byKey;
  throw new VibeopsError({
    code: found === 0 ? "trust.unknown" : "trust.ambiguous",
    exit: found === 0 ? Exit.notFound : Exit.usage,
    message: found === 0 ? `nobody and no key is listed as '${whom}'` : `${found} keys begin with '${whom}'`,
    file: paths.allowedSigners,
    fix: "see: vibeops trust list",
  });
}

/**
 * Revokes, once a person has seen the plan and said yes. The line in allowed_signers stays, so that one can still
 * read whose signature an old one was.
 */
export async function applyRevoke(
  paths: TrustPaths,
  context: Context,
  facts: HumanFacts,
  plan: RevokePlan,
): Promise<void> {
  requireHuman(context.env, facts, ACT);
  mkdirSync(paths.directory, { recursive: true, mode: 0o700 });
  await withLock(paths.allowedSigners, () => {
    const before = readTrustFile(paths.revoked);
    const day = context.now().toISOString().slice(0, 10);
    const after = plan.keys.reduce((text, key) => {
      return withRevoked(text, paths.revoked, [key], `${key.principal} ${day} ${plan.reason}`.trimEnd());
    }, before);
    if (after !== before) writeFileDurably(paths.revoked, Buffer.from(after));
  });
}
