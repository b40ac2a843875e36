import { hashCommand } from "./current-content.ts";
import { listVerificationIds, listWalkIds, type RecordLine, readRecord } from "./record.ts";
import type { LoadedRunbook } from "./runbook-folder.ts";
import { readWalkState, type WalkState } from "./walk-state.ts";

/** The latest walk of a runbook; null where there is none. @throws VibeopsError `record.broken` */
export function latestWalk(loaded: LoadedRunbook): { id: string; state: WalkState } | null {
  const id = listWalkIds(loaded.folder).at(-1);
  if (id === undefined) return null;
  return { id, state: readWalkState(loaded.runbook, readRecord(loaded.folder, id).events) };
}

/**
 * The latest verification of a walk that passed: every check of the runbook, by the hash of its command, was started
 * and passed, or, after a walk that was rolled back, a person said so. Null where none did.
 *
 * @throws VibeopsError `record.broken`
 */
export function passedVerification(loaded: LoadedRunbook, walk: string): string | null {
  const passed = listVerificationIds(loaded.folder).filter((id) => {
    const { events } = readRecord(loaded.folder, `verify-${id}`);
    const [start] = events;
    const verdict = events.find((event) => event.event === "verified");
    const isOfWalk = start?.event === "start" && start.walk === walk && start.runbook === loaded.runbook.id;
    if (!isOfWalk || verdict?.event !== "verified" || !verdict.ok) return false;
    return verdict.judged === "human" || passedEveryCheck(loaded, events);
  });
  return passed.at(-1) ?? null;
}

function passedEveryCheck({ runbook }: LoadedRunbook, events: readonly RecordLine[]): boolean {
  return runbook.verification.every((check, index) => {
    const hash = hashCommand(check);
    const ofCheck = (event: RecordLine) => "step" in event && event.step === index + 1;
    const started = events.some(
      (event) => ofCheck(event) && event.event === "started" && event.command === hash,
    );
    return started && events.some((event) => ofCheck(event) && event.event === "checked" && event.ok);
  });
}
