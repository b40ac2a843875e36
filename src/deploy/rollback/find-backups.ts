import type { ActionCall } from "../../runbook/runbook.ts";
import type { Deployment, Preparation } from "./trail.ts";

/** A backup that a record says was made, and that its own check found whole. */
export interface RecordedBackup {
  /** The runbook that made it, and the step in it. */
  readonly runbook: string;
  readonly step: number;
  /** When, as in the record. */
  readonly time: string;
  readonly hosts: readonly string[];
  /** The parameters of its backup.create, as they stood in the runbook. */
  readonly with: Readonly<Record<string, unknown>>;
}

/**
 * The newest backups of a version's data: of all runbooks that were walked while it ran, up to the one that replaced
 * it, those of the last that made any. What was made later may have another shape already, so it is not taken.
 *
 * @param replacement the deployment that came after it; undefined where none did
 */
export function findBackups(
  preparations: readonly Preparation[],
  to: Deployment,
  replacement: Deployment | undefined,
): RecordedBackup[] {
  const made = preparations
    .flatMap(listBackups)
    .filter(({ time }) => time > to.ended && (replacement === undefined || time <= replacement.ended));
  const last = made.toSorted((one, other) => (one.time < other.time ? -1 : 1)).at(-1);
  return made.filter(({ runbook }) => runbook === last?.runbook);
}

function listBackups({ run }: Preparation): RecordedBackup[] {
  if (run === null) return [];
  const { loaded, walk } = run;
  return loaded.runbook.steps.flatMap(({ action, number }) => {
    const state = walk.state.steps[number - 1];
    const isWhole = state?.run === "ok" && state.checks.every((check) => check === "ok");
    if (action?.use !== "backup.create" || !isWhole || !isMap(action.with)) return [];
    const done = walk.record.events.findLast(
      (event) => event.event === "finished" && event.step === number && event.kind === "run",
    );
    if (done === undefined) return [];
    return [
      { runbook: loaded.runbook.id, step: number, time: done.time, hosts: action.hosts, with: action.with },
    ];
  });
}

function isMap(value: ActionCall["with"]): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What backup.restore needs to put it back where it was. */
export function restoreParameters({ with: made, runbook }: RecordedBackup): Record<string, unknown> {
  const { percent: _percent, ...rest } = made;
  return made.kind === "restic" ? { ...rest, made_by: runbook, target: "/" } : rest;
}

/** What backup.create needs to keep the data as it is now, beside the backup that is put back. */
export function saveParameters({ with: made }: RecordedBackup, newRunbook: string): Record<string, unknown> {
  return made.kind === "restic"
    ? { ...made }
    : { ...made, file: `${String(made.file)}.before-${newRunbook}` };
}
