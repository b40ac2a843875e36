import { hashCommand } from "./current-content.ts";
import { listVerificationIds, listWalkIds, readRecord, type WalkRecord } from "./record.ts";
import { commandsOf } from "./runbook.ts";
import type { LoadedRunbook } from "./runbook-folder.ts";
import { readVerification, type VerificationState } from "./verification-state.ts";
import type { WalkState } from "./walk-progress.ts";
import { readWalkState } from "./walk-state.ts";

export interface LatestWalk {
  readonly id: string;
  readonly record: WalkRecord;
  readonly state: WalkState;
}

/**
 * The latest walk of a runbook as its record tells it, whoever wrote that; null where there is none.
 *
 * @throws VibeopsError `record.broken`
 */
export function latestWalk(loaded: LoadedRunbook): LatestWalk | null {
  const id = listWalkIds(loaded.folder).at(-1);
  if (id === undefined) return null;
  const record = readRecord(loaded.folder, id);
  return { id, record, state: readWalkState(loaded, record) };
}

/**
 * The latest verification of a walk that came to its verdict, where that is good: every check of the runbook on each of
 * its hosts, by the hash of its command, was started and passed, or, after a walk that was rolled back, a person said so. Null where
 * there is none, or where the latest one failed.
 *
 * @throws VibeopsError `record.broken`
 */
export function passedVerification(loaded: LoadedRunbook, walk: LatestWalk): string | null {
  const names = listVerificationIds(loaded.folder).map((id) => `verify-${id}`);
  const records = names.map((name) => readRecord(loaded.folder, name));
  return findPassed(loaded, walk, records)?.replace("verify-", "") ?? null;
}

/** As {@link passedVerification}, by these records of verifications, oldest first: the name of the one that passed. */
export function findPassed(
  loaded: LoadedRunbook,
  walk: LatestWalk,
  verifications: readonly WalkRecord[],
): string | null {
  const latest = verifications
    .map((record) => ({ id: record.id, ...readVerification(loaded.runbook.id, record) }))
    .findLast(({ start, verdict }) => start?.walk === walk.id && verdict !== null);
  if (latest?.verdict?.ok !== true) return null;
  return isWhole(loaded, walk, latest) ? latest.id : null;
}

function isWhole(
  loaded: LoadedRunbook,
  walk: LatestWalk,
  { start, verdict, passed }: VerificationState,
): boolean {
  if (walk.state.phase === "rolled-back") return verdict?.judged === "human";
  const commands = loaded.runbook.verification.flatMap(commandsOf);
  const isComplete = commands.every((command) => passed.has(hashCommand(command)));
  return verdict?.judged === "checks" && start?.sha256 === loaded.sha256 && isComplete;
}
