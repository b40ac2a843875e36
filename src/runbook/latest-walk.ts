import { listVerificationIds, listWalkIds, readRecord } from "./record.ts";
import type { LoadedRunbook, RunbookFolder } from "./runbook-folder.ts";
import { readWalkState, type WalkState } from "./walk-state.ts";

/** The latest walk of a runbook; null where there is none. @throws VibeopsError `record.broken` */
export function latestWalk(loaded: LoadedRunbook): { id: string; state: WalkState } | null {
  const id = listWalkIds(loaded.folder).at(-1);
  if (id === undefined) return null;
  return { id, state: readWalkState(loaded.runbook, readRecord(loaded.folder, id).events) };
}

/** The latest verification of a walk that passed; null where none did. @throws VibeopsError `record.broken` */
export function passedVerification(folder: RunbookFolder, walk: string): string | null {
  const passed = listVerificationIds(folder).filter((id) => {
    const { events } = readRecord(folder, `verify-${id}`);
    const [start] = events;
    const isOfWalk = start?.event === "start" && start.walk === walk;
    return isOfWalk && events.some((event) => event.event === "verified" && event.ok);
  });
  return passed.at(-1) ?? null;
}
