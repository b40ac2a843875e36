import { hostname } from "node:os";
import { VibeopsError } from "../errors.ts";
import { requireApproval } from "./approval.ts";
import type { CurrentContent } from "./current-content.ts";
import type { Gate } from "./gate.ts";
import { type LockAnswer, lockRemoval } from "./host-lock.ts";
import type { LatestWalk } from "./latest-walk.ts";
import { askLock } from "./lock-command.ts";
import type { RecordEvent } from "./record-event.ts";
import type { LoadedRunbook } from "./runbook-folder.ts";
import type { WalkState } from "./walk-progress.ts";

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
  const given = new Set<string>();
  const unlocked: Unlocked[] = [];
  for (const [host, held] of locks) {
    const answer =
      typeof current === "string" || held.by === "hand"
        ? notAsked(current)
        : await askLock(gate.context, { current, host, owner, act: { act: "release" } });
    unlocked.push(noteAnswer(host, held, answer, { given, walk: walk.id }));
    if (held.place !== undefined) given.add(held.place);
  }
  return unlocked;
}

function notAsked(current: CurrentContent | string): string {
  return typeof current === "string" ? current : "it was taken by hand";
}

/** `given`: the locks that were given up by another name of the same machine. */
function noteAnswer(
  host: string,
  { place }: WalkState["locks"][string],
  answer: LockAnswer | string,
  { given, walk }: { given: ReadonlySet<string>; walk: string },
): Unlocked {
  if (typeof answer !== "string") {
    const isGiven = answer.state === "released" || (place !== undefined && given.has(place));
    return { event: { event: "unlocked", host, outcome: isGiven ? "released" : "gone" } };
  }
  return {
    event: { event: "unlocked", host, outcome: "left", why: answer },
    message: `the lock on ${host} was left there (${answer}); remove it there: ${lockRemoval(walk)}`,
  };
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
