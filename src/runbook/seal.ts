import * as z from "zod/mini";
import { tryDecodeText } from "../text/decode.ts";
import { formatCanonicalYaml } from "./canonical-yaml.ts";
import { readCanonicalYaml } from "./read-canonical-yaml.ts";
import { exactTime } from "./statement.ts";

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

const sealSchema = z.strictObject({
  seal: z.literal(SEAL_VERSION),
  runbook: z.strictObject({ id: z.string(), sha256: z.string() }),
  outcome: z.enum(["completed", "rolled-back", "abandoned"]),
  records: z.array(z.strictObject({ name: z.string(), lines: z.int(), head: z.string() })),
  closer: z.string(),
  reason: z.optional(z.string()),
  created: exactTime,
});

/** A seal as it stands on disk; null where the bytes are none in its one form. Its signature is not looked at. */
export function parseSeal(bytes: Uint8Array): Seal | null {
  const text = tryDecodeText(bytes);
  const read = sealSchema.safeParse(text === null ? null : readCanonicalYaml(text));
  if (!read.success) return null;
  const { seal: _version, reason, ...rest } = read.data;
  const seal: Seal = { ...rest, ...(reason === undefined ? {} : { reason }) };
  return formatSeal(seal) === text ? seal : null;
}
