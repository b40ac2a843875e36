import type { Context } from "../platform/context.ts";
import { mapSideBySide } from "../platform/side-by-side.ts";
import { type Verification, verifySignatures } from "../runbook/sign.ts";
import type { TrustPaths } from "../runbook/trust.ts";
import type { Finding } from "../text/finding.ts";

/** A signature on which something in the trail rests, and what is wrong where it is not good. */
export interface Claim {
  readonly check: Verification;
  readonly otherwise: () => readonly Finding[];
}

/** How many signatures one shell looks at, and how many shells work side by side. */
const BATCH = 250;
const SIDE_BY_SIDE = 4;

/** Has ssh-keygen look at every signature. */
export async function auditSignatures(
  claims: readonly Claim[],
  paths: TrustPaths,
  env: Context["env"],
  onProgress: (done: number) => void,
): Promise<Finding[]> {
  const starts = Array.from({ length: Math.ceil(claims.length / BATCH) }, (_, i) => i * BATCH);
  let done = 0;
  const findings = await mapSideBySide(starts, SIDE_BY_SIDE, async (start) => {
    const some = claims.slice(start, start + BATCH);
    const good = await verifySignatures(
      some.map(({ check }) => check),
      paths,
      env,
    );
    done += some.length;
    onProgress(done);
    return some.flatMap(({ otherwise }, i) => (good[i] === true ? [] : otherwise()));
  });
  return findings.flat();
}
