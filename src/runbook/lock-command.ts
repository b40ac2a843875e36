import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { redactSecrets } from "../text/secrets.ts";
import { type CurrentContent, hostOf } from "./current-content.ts";
import { whyNothingBegan } from "./failure-words.ts";
import { runOnHost } from "./host.ts";
import {
  type LockAct,
  type LockAnswer,
  type LockOwner,
  lockScript,
  lockVariables,
  parseLockAnswer,
} from "./host-lock.ts";
import { LOCK_TIMEOUT_MS, lockPasteView } from "./lock-view.ts";
import type { CommandView } from "./operator.ts";
import { scriptBytes } from "./script-bytes.ts";

/** What goes to a host about its lock: what was approved, and for whom it is done now. */
export interface LockRequest {
  readonly current: CurrentContent;
  readonly host: string;
  readonly owner: LockOwner;
  readonly act: LockAct;
}

/** As a person pastes it. */
export function lockViewOf({ current, host, owner, act }: LockRequest): CommandView {
  return lockPasteView(host, { current, variables: lockVariables(owner, act) });
}

/**
 * Asks a host about its lock over a connection. A text says why there is no answer.
 *
 * @throws VibeopsError `interrupted`
 */
export async function askLock(
  context: Context,
  { current, host: name, owner, act }: LockRequest,
  signal?: AbortSignal,
): Promise<LockAnswer | string> {
  const host = hostOf(current.inventory, name);
  const identity = current.identities.find((one) => one.name === name);
  if (host === undefined || identity === undefined) throw new Error(`host ${name} is not in the approval`);
  const bytes = scriptBytes(lockScript(host), lockVariables(owner, act), host, current.places);
  const request = { host, identity, bytes, timeoutMs: LOCK_TIMEOUT_MS, context };
  const result = await runOnHost({ ...request, ...(signal === undefined ? {} : { signal }) });
  if (result.cause === "interrupt") {
    throw new VibeopsError({ code: "interrupted", exit: Exit.interrupted, message: "interrupted" });
  }
  const answer = result.state === "ended" && result.exit === 0 ? parseLockAnswer(result.stdout) : null;
  if (answer !== null) return answer;
  const last = redactSecrets(result.stderr).trim().split("\n").at(-1) ?? "";
  const why = last.slice(0, 500);
  const isSilent = result.state === "not-started" && (last === "" || result.cause === "timeout");
  if (isSilent) return `${why === "" ? "" : `${why}; `}${whyNothingBegan(name, result.cause)}`;
  return why === "" ? "it gave no answer" : why;
}
