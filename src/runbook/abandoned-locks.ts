import { hostname } from "node:os";
import { VibeopsError } from "../errors.ts";
import { requireApproval } from "./approval.ts";
import type { CurrentContent } from "./current-content.ts";
import type { Gate } from "./gate.ts";
import { lockPlace } from "./host-lock.ts";
import type { LatestWalk } from "./latest-walk.ts";
import { askLock } from "./lock-command.ts";
import type { RecordEvent } from "./record-event.ts";
import type { LoadedRunbook } from "./runbook-folder.ts";

interface Unlocked {
  readonly event: Extract<RecordEvent, { event: "unlocked" }>;
  /** What a person has to do, where it may still lie there. */
  readonly message?: string;
}

/**
 * Gives up the locks of a walk in which nothing ran and that nobody goes on with. Nothing is asked of a host unless
 * the gate lets it through; a lock that was taken by hand is given up by hand.
 */
export async function releaseAbandoned(
  gate: Gate,
  loaded: LoadedRunbook,
  walk: LatestWalk,
  who: string,
): Promise<Unlocked[]> {
  const locks = Object.entries(walk.state.locks);
  if (locks.length === 0) return [];
  const current = await askGate(gate, loaded, walk);
  const since = gate.context.now().toISOString();
  const owner = { walk: walk.id, runbook: loaded.runbook.id, who, from: hostname(), since };
  const unlocked: Unlocked[] = [];
  for (const [host, by] of locks) {
    const left = (why: string): Unlocked => ({
      event: { event: "unlocked", host, outcome: "left", why },
      message: `the lock on ${host} was left there (${why}); remove it there: rm -r ${lockPlace({ transport: by === "local" ? "local" : "ssh" })}*`,
    });
    if (by === "hand") unlocked.push(left("it was taken by hand"));
    else if (typeof current === "string") unlocked.push(left(current));
    else {
      const answer = await askLock(gate.context, { current, host, owner, act: { act: "release" } });
      if (typeof answer === "string") unlocked.push(left(answer));
      else {
        const outcome = answer.state === "released" ? "released" : "gone";
        unlocked.push({ event: { event: "unlocked", host, outcome } });
      }
    }
  }
  return unlocked;
}

/** What the gate lets through, or why it does not. */
async function askGate(
  gate: Gate,
  loaded: LoadedRunbook,
  walk: LatestWalk,
): Promise<CurrentContent | string> {
  try {
    return (await requireApproval(gate, loaded, { walk: walk.id })).current;
  } catch (error) {
    if (error instanceof VibeopsError) return error.message;
    throw error;
  }
}
