import { VibeopsError } from "../errors.ts";
import { readTrust } from "./approval.ts";
import { readApprovalFiles } from "./approval-file.ts";
import { findForgery, tryParse } from "./evaluate-approval.ts";
import type { Gate } from "./gate.ts";
import { type LoadedRunbook, listRunbookIds, loadRunbook } from "./runbook-folder.ts";
import { subjectsOf } from "./runbook-subjects.ts";
import type { Statement } from "./statement.ts";

/** An approval that a person gave before, and whether it was for the same service. */
export interface EarlierApproval {
  readonly statement: Statement;
  readonly sameSubject: boolean;
}

/** How many runbooks are looked through, newest first: the cost of an approval does not grow with the archive. */
export const MOST_LOOKED_AT = 200;

/**
 * The last approval for the same service, this very runbook first; or else the last one in this project; null where
 * there is none. Only what a listed person signed counts, whether it still holds or not.
 */
export async function findEarlierApproval(
  gate: Gate,
  loaded: LoadedRunbook,
): Promise<EarlierApproval | null> {
  const now = gate.context.now();
  const subjects = subjectsOf(gate.project.root, loaded.runbook, now);
  const ids = listRunbookIds(gate.project).filter((id) => id !== loaded.runbook.id);
  let other: Statement | null = null;
  for (const id of [loaded.runbook.id, ...ids.reverse().slice(0, MOST_LOOKED_AT)]) {
    const candidate = id === loaded.runbook.id ? loaded : tryLoad(gate, id);
    if (candidate === null) continue;
    const own = subjectsOf(gate.project.root, candidate.runbook, now);
    const sameSubject = [...own].some((subject) => subjects.has(subject));
    // Of others the newest is enough.
    if (!sameSubject && other !== null) continue;
    const statement = await lastGenuine(gate, candidate);
    if (statement !== null && sameSubject) return { statement, sameSubject };
    other ??= statement;
  }
  return other === null ? null : { statement: other, sameSubject: false };
}

function tryLoad(gate: Gate, id: string): LoadedRunbook | null {
  try {
    return loadRunbook(gate.project, id);
  } catch (error) {
    if (error instanceof VibeopsError) return null;
    throw error;
  }
}

/** Whether it still holds is another question: it is held against what is there now. */
async function lastGenuine(gate: Gate, { folder, runbook }: LoadedRunbook): Promise<Statement | null> {
  const trust = readTrust(gate);
  for (const file of readApprovalFiles(folder).reverse()) {
    const statement = tryParse(file);
    if (statement instanceof VibeopsError || statement.decision !== "approve") continue;
    if (statement.runbook.id !== runbook.id) continue;
    const asOf = new Date(statement.created);
    if ((await findForgery(gate, trust, statement, file, asOf)) === null) return statement;
  }
  return null;
}
