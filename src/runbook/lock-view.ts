import type { AssessedCommand } from "./assess-runbook.ts";
import { type CurrentContent, hostOf } from "./current-content.ts";
import { lockScript } from "./host-lock.ts";
import type { CommandView } from "./operator.ts";
import { commandView, pasteView, type ViewSource } from "./step-view.ts";
import { hostTier } from "./tier.ts";

/** How long a host may take to answer about its lock. */
export const LOCK_TIMEOUT_MS = 30_000;

/** Step 0 on a host as a command like any other. */
function lockCommand({ inventory }: CurrentContent, name: string): AssessedCommand {
  const host = hostOf(inventory, name);
  const script = lockScript(host ?? { transport: "ssh" });
  const common = { attempts: 1, intervalMs: 0, raw: false, line: 0, start: 0, end: 0 };
  const command = {
    kind: "run",
    host: name,
    hosts: [name],
    together: false,
    script,
    timeoutMs: LOCK_TIMEOUT_MS,
    ...common,
  } as const;
  return { command, tier: hostTier(host), proven: "host", judged: null };
}

/** Step 0 on a host as a person is shown it; the variables are those of the walk, or none before there is one. */
export function lockView(host: string, source: ViewSource): CommandView {
  return commandView([lockCommand(source.current, host)], source);
}

/** The same, for a person who takes it to the host by hand. */
export function lockPasteView(host: string, source: ViewSource): CommandView {
  return pasteView([lockCommand(source.current, host)], source);
}
