import { listTrust, type TrustedKey, type TrustState } from "../../runbook/list-trust.ts";
import { makeVisible } from "../../text/visible.ts";
import type { Options } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { typeable } from "../program-name.ts";
import { openTrust } from "../runbook/open-trust.ts";
import { alignColumns } from "../style.ts";

export async function runTrustList(io: Io, _args: readonly string[], _options: Options): Promise<Outcome> {
  const state = await listTrust(openTrust(io), io.context);
  return outcome(state, render(io, state));
}

function render(io: Io, state: TrustState): string {
  const rows = state.keys.map((key) => [key.principal, key.fingerprint, key.keyType, words(key)]);
  const lines = alignColumns(rows).map((line) => makeVisible(line, { newlines: false }));
  if (lines.length === 0) lines.push(typeable(io, "Nobody is trusted here yet: vibeops trust init"));
  if (state.own !== null && !state.own.listed) {
    lines.push(typeable(io, `Your own key ${state.own.fingerprint ?? ""} is not listed: vibeops trust init`));
  }
  const weakness = state.own?.weakness ?? null;
  if (weakness !== null) {
    const text = `What your own key signs does not count: ${weakness.message}. ${weakness.fix}`;
    lines.push(typeable(io, makeVisible(text, { newlines: false })));
  }
  return lines.join("\n");
}

const ASKS = {
  passphrase: "asks for its passphrase",
  touch: "asks for a touch",
  nobody: "asks nobody",
  unknown: "",
} as const;

function words(key: TrustedKey): string {
  const state = key.revoked
    ? `revoked${key.revocation === null ? "" : ` (${key.revocation})`}`
    : key.until === null
      ? ""
      : `${key.expired ? "ended" : "until"} ${key.until}`;
  const begin = key.from === null || key.revoked ? "" : `from ${key.from}`;
  return [key.mine ? "yours" : "", ASKS[key.asks], begin, state].filter((word) => word !== "").join(", ");
}
