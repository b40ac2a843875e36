import { VibeopsError } from "../errors.ts";
import { readIfExists } from "../platform/files.ts";
import type { RunbookFolder } from "./runbook-folder.ts";
import { parseSeal, type Seal } from "./seal.ts";
import type { Verification } from "./sign.ts";
import { RECORD_NAMESPACE, type TrustPaths } from "./trust.ts";

/** A seal and what it takes to look at its signature. */
export interface SignedSeal {
  readonly seal: Seal;
  readonly bytes: Buffer;
  readonly signature: string;
}

/** The seal of a runbook as it lies there, or why it is none, in words. */
export function readSeal(folder: RunbookFolder): SignedSeal | string {
  try {
    const bytes = readIfExists(folder.seal) ?? Buffer.alloc(0);
    const seal = parseSeal(bytes);
    if (seal === null) return "this is no seal of ours";
    const signature = readIfExists(`${folder.seal}.sig`)?.toString("latin1");
    return signature === undefined ? "this seal carries no signature" : { seal, bytes, signature };
  } catch (error) {
    if (error instanceof VibeopsError) return `this seal cannot be read: ${error.message}`;
    throw error;
  }
}

/** What to ask of its signature, as of the day on which it says that it was made. */
export function sealCheck(
  { allowedSigners, revoked }: TrustPaths,
  { seal, bytes, signature }: SignedSeal,
): Verification {
  const asOf = new Date(seal.created);
  const check = { bytes, signature, namespace: RECORD_NAMESPACE, principal: seal.closer };
  return { ...check, allowedSigners, revoked, asOf };
}
