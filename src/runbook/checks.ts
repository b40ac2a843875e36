import { join } from "node:path";
import { VibeopsError } from "../errors.ts";
import { type Check, ok } from "../platform/check.ts";
import { lstatOrNull } from "../platform/files.ts";
import { isDeadLock } from "../platform/left-overs.ts";
import { HOUR_MS } from "../platform/units-of-time.ts";
import { checkOf } from "../project/checks.ts";
import { counted } from "../text/counted.ts";
import { requireApproval } from "./approval.ts";
import type { Gate } from "./gate.ts";
import { lockRemoval } from "./host-lock.ts";
import { type LatestWalk, latestWalk } from "./latest-walk.ts";
import { lintRunbook } from "./lint-runbook.ts";
import { type LoadedRunbook, loadRunbook } from "./runbook-folder.ts";
import { listOpenRunbookIds } from "./store.ts";
import { isOpen } from "./walk-state.ts";

/** How long before its end an approval is worth a word. */
const ENDING_MS = 4 * HOUR_MS;

/** Runbooks that are not closed: lint, walks that were cut off, locks that stayed on hosts, approvals that lapsed. */
export async function checkRunbooks(gate: Gate): Promise<Check[]> {
  const ids = listOpenRunbookIds(gate.project);
  const checks: Check[] = [];
  for (const id of ids) checks.push(...(await checkRunbook(gate, id)));
  return checks.length > 0 ? checks : [ok("runbooks", counted(ids.length, "open runbook"))];
}

async function checkRunbook(gate: Gate, id: string): Promise<Check[]> {
  try {
    const loaded = loadRunbook(gate.project, id);
    const walk = latestWalk(loaded);
    const approval = walk !== null && isOpen(walk.state) ? [] : await checkApproval(gate, loaded);
    return [...checkLint(gate, loaded), ...(walk === null ? [] : checkWalk(gate, loaded, walk)), ...approval];
  } catch (error) {
    return [checkOf(error, join("runbooks", id))];
  }
}

function checkLint(gate: Gate, { runbook }: LoadedRunbook): Check[] {
  return lintRunbook(gate.project, runbook).map(({ rule, level, message, file, line, fix }) => {
    return {
      name: rule,
      status: level,
      what: message,
      file: join(gate.project.root, file ?? runbook.file),
      line,
      fix,
    };
  });
}

function checkWalk(gate: Gate, { runbook }: LoadedRunbook, walk: LatestWalk): Check[] {
  const locked = Object.keys(walk.state.locks);
  const file = walk.record.file;
  if (isOpen(walk.state)) {
    if (isWalked(gate, runbook.id)) return [];
    const hosts = locked.length === 0 ? "" : `; it holds the lock on ${locked.join(", ")}`;
    const why = walk.state.stopped === undefined ? "was cut off" : `was left (${walk.state.stopped})`;
    const fix = `vibeops runbook run ${runbook.id} goes on, or goes back`;
    return [{ name: "walk.cut-off", status: "warning", what: `a walk ${why}${hosts}`, file, fix }];
  }
  const left = [...new Set([...locked, ...leftBehind(walk)])];
  if (left.length === 0) return [];
  const what = `the walk is over, and its lock may still lie on ${left.join(", ")}: no other walk can go there`;
  const fix = `remove it there: ${lockRemoval(walk.id)}`;
  return [{ name: "host.lock-left", status: "warning", what, file, fix }];
}

/** Somebody walks right now: its lock has an owner that lives. */
function isWalked(gate: Gate, id: string): boolean {
  const lock = join(gate.project.root, ".vibeops", `walk-${id}.lock`);
  return lstatOrNull(lock) !== null && !isDeadLock(lock);
}

/** Hosts whose lock could not be given up, and was not taken and given up since. */
function leftBehind({ record }: LatestWalk): string[] {
  const left = new Set<string>();
  for (const event of record.events) {
    if (event.event === "locked") left.delete(event.host);
    if (event.event !== "unlocked") continue;
    if (event.outcome === "left") left.add(event.host);
    else left.delete(event.host);
  }
  return [...left];
}

/** As the gate judges it now; a runbook about which nobody has decided waits, and nothing is wrong with that. */
async function checkApproval(gate: Gate, loaded: LoadedRunbook): Promise<Check[]> {
  const { id } = loaded.runbook;
  try {
    const { statement } = await requireApproval(gate, loaded);
    const left = Date.parse(statement.expires) - gate.context.now().getTime();
    if (left > ENDING_MS) return [];
    const what = `the approval by ${statement.approver} ends at ${statement.expires}, and nobody has begun`;
    const file = join(gate.project.root, loaded.runbook.file);
    return [{ name: "approval.ending", status: "warning", what, file, fix: `vibeops runbook run ${id}` }];
  } catch (error) {
    if (!(error instanceof VibeopsError)) throw error;
    if (!/^approval\.(?:lapsed|invalid|more)$/.test(error.code)) return [];
    return [{ ...checkOf(error, loaded.runbook.file), status: "warning" }];
  }
}
