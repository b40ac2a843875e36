import { formatCanonicalYaml } from "./canonical-yaml.ts";

const SEAL_VERSION = "vibeops-seal/1";

/** What closes a runbook: the last hash of each record, so that nothing can be added, cut off or changed after. */
export interface Seal {
  readonly runbook: { readonly id: string; readonly sha256: string };
  readonly outcome: "completed" | "rolled-back" | "abandoned";
  readonly records: readonly { readonly name: string; readonly lines: number; readonly head: string }[];
  readonly closer: string;
  readonly reason?: string;
  readonly created: string;
}

/** The bytes that are signed. */
export function formatSeal(seal: Seal): string {
  return formatCanonicalYaml({
    seal: SEAL_VERSION,
    runbook: { id: seal.runbook.id, sha256: seal.runbook.sha256 },
    outcome: seal.outcome,
    records: seal.records.map(({ name, lines, head }) => ({ name, lines, head })),
    closer: seal.closer,
    reason: seal.reason,
    created: seal.created,
  });
}
