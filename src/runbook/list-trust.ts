import type { Context } from "../platform/context.ts";
import { lastDay, type Signer } from "./allowed-signers.ts";
import type { Revocation } from "./revoked-keys.ts";
import { isSecurityKey } from "./ssh-key.ts";
import { listRevoked, listSigners, readOwnKey, type TrustPaths } from "./trust.ts";
import { findWeakness, publicHalf, weakKey } from "./weak-key.ts";

/** Who is asked before a key signs. Of other people's keys without a touch nobody here can know. */
type Asks = "passphrase" | "touch" | "nobody" | "unknown";

/** A key that is listed, as it counts now. */
export interface TrustedKey {
  readonly principal: string;
  readonly fingerprint: string;
  readonly keyType: string;
  /** The last day on which it counts, UTC; null: it counts on. */
  readonly until: string | null;
  readonly expired: boolean;
  /** When it begins to count, ISO 8601, where that is yet to come. */
  readonly from: string | null;
  readonly revoked: boolean;
  /** Whose, when and why, where it is revoked and somebody wrote that down. */
  readonly revocation: string | null;
  readonly mine: boolean;
  readonly asks: Asks;
  /** In allowed_signers. */
  readonly line: number;
}

interface OwnKey {
  readonly file: string;
  readonly fingerprint: string | null;
  readonly keyType: string | null;
  readonly asks: Asks;
  /** Why it asks nobody, and what to do, where that is so. */
  readonly weakness: { readonly message: string; readonly fix: string } | null;
  readonly listed: boolean;
}

export interface TrustState {
  readonly allowedSigners: string;
  readonly keys: readonly TrustedKey[];
  /** Null: this person has no key here. */
  readonly own: OwnKey | null;
}

/** Everybody whose signature counts or once did, and this person's own key. @throws VibeopsError `trust.…` */
export async function listTrust(paths: TrustPaths, context: Context): Promise<TrustState> {
  const own = await describeOwnKey(paths, context.env);
  const revoked = listRevoked(paths);
  const signers = listSigners(paths);
  return {
    allowedSigners: paths.allowedSigners,
    keys: signers.map((signer) => describe(signer, own, revoked, context.now())),
    own:
      own === null
        ? null
        : { ...own, listed: signers.some((signer) => signer.fingerprint === own.fingerprint) },
  };
}

async function describeOwnKey(
  paths: TrustPaths,
  env: Context["env"],
): Promise<Omit<OwnKey, "listed"> | null> {
  const key = readOwnKey(paths);
  if (key === null) return null;
  const half = publicHalf(paths.key, key);
  const weak = await findWeakness(key, half, env);
  const asks =
    weak !== null || key.protection === "open" || key.protection === "no-touch" ? "nobody" : key.protection;
  const { message = "", fix = "" } = weak === null ? {} : weakKey(paths.key, weak, half);
  return {
    file: paths.key,
    fingerprint: half?.fingerprint ?? null,
    keyType: half?.keyType ?? null,
    asks,
    weakness: weak === null ? null : { message, fix },
  };
}

function describe(
  signer: Signer,
  own: Omit<OwnKey, "listed"> | null,
  revoked: readonly Revocation[],
  now: Date,
): TrustedKey {
  const { principal, fingerprint, keyType, validAfter, validBefore, line } = signer;
  const revocation = revoked.find((one) => one.fingerprint === fingerprint);
  const mine = own?.fingerprint === fingerprint;
  const others = isSecurityKey(keyType) ? "touch" : "unknown";
  return {
    principal,
    fingerprint,
    keyType,
    until: validBefore === null ? null : lastDay(validBefore),
    expired: validBefore !== null && validBefore <= now,
    from: validAfter !== null && now < validAfter ? validAfter.toISOString() : null,
    revoked: revocation !== undefined,
    revocation: revocation === undefined || revocation.comment === "" ? null : revocation.comment,
    mine,
    asks: mine ? own.asks : others,
    line,
  };
}
