import { lstatOrNull } from "../../platform/files.ts";
import type { Gate } from "../../runbook/gate.ts";
import {
  addSigner,
  listSigners,
  makeKey,
  ownPublicKey,
  refuseReachableTrust,
  trustPaths,
} from "../../runbook/trust.ts";
import type { Io } from "../io.ts";

/** The first approval makes the person's key on the spot, and lists it as theirs. */
export async function ensureKey(io: Io, gate: Gate, principal: string): Promise<void> {
  const paths = trustPaths(io.context.env);
  refuseReachableTrust(paths, gate.git.top);
  if (lstatOrNull(paths.key) === null) {
    io.stdout.write(
      [
        "You have no approval key yet. OpenSSH makes one now, outside every project:",
        `  ${paths.key}`,
        "Choose a passphrase that no agent knows: it is what proves that a person said yes.",
        "",
      ].join("\n"),
    );
    await makeKey(paths, principal, io.context.env);
  }
  const key = ownPublicKey(paths);
  // Only where nobody is listed yet: to add somebody later is a decision of its own.
  if (key !== null && listSigners(paths).length === 0) addSigner(paths, principal, key);
}
