import { countsFor, type Signer, whyOutOfTime } from "./allowed-signers.ts";
import type { Lapse } from "./lapse.ts";
import type { Revocation } from "./revoked-keys.ts";
import { fingerprint } from "./ssh-key.ts";
import type { TrustPaths } from "./trust.ts";

/**
 * Why a decision does not count. `json`: not in the canonical form; `signature`, `principal`, `namespace`, `revoked`,
 * `key-ended`, `agent`, `self`: not a signature of somebody who may; `digest`, `replay`, `hostkey`, `expired`, `base`: not
 * about what is there now.
 */
export type Reason =
  | "json"
  | "signature"
  | "principal"
  | "namespace"
  | "revoked"
  | "key-ended"
  | "agent"
  | "self"
  | "digest"
  | "replay"
  | "hostkey"
  | "expired"
  | "base";

export interface Problem {
  readonly reason: Reason;
  readonly message: string;
  readonly lapses?: readonly Lapse[];
}

export interface Trust {
  readonly paths: TrustPaths;
  readonly signers: readonly Signer[];
  readonly revoked: readonly Revocation[];
}

/** By whom, with which key and for what something says that it was signed. */
interface SignedBy {
  readonly principal: string;
  readonly publicKey: Uint8Array;
  readonly namespace: string;
}

/** Why a signature by this key is not that of this person: the key is not listed as theirs, or does not count any more. */
export function findForeignKey(
  trust: Trust,
  { principal, publicKey, namespace }: SignedBy,
  time: Date,
): Problem | null {
  const key = fingerprint(publicKey);
  const listed = trust.signers.filter((one) => one.principal === principal && one.fingerprint === key);
  const theirs = listed.filter((one) => countsFor(one, namespace));
  const [first] = theirs;
  if (first === undefined) {
    const { allowedSigners } = trust.paths;
    const [other] = listed;
    return other === undefined
      ? { reason: "principal", message: `no key ${key} of ${principal} is in ${allowedSigners}` }
      : {
          reason: "namespace",
          message: `the key ${key} of ${principal} is in ${allowedSigners} for ${other.namespaces.join(", ")} alone`,
        };
  }
  const revocation = trust.revoked.find((one) => one.fingerprint === key);
  if (revocation === undefined) {
    if (theirs.some((one) => whyOutOfTime(one, time) === null)) return null;
    return { reason: "key-ended", message: `the key ${key} of ${principal} ${whyOutOfTime(first, time)}` };
  }
  const note = revocation.comment === "" ? "" : ` (${revocation.comment})`;
  return { reason: "revoked", message: `the key ${key} of ${principal} was revoked${note}` };
}
