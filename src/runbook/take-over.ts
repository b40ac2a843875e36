import { Exit, VibeopsError } from "../errors.ts";
import { tryGit } from "../platform/git.ts";
import { makeVisible } from "../text/visible.ts";
import { requireGenuineApproval } from "./approval.ts";
import type { Gate } from "./gate.ts";
import { type LatestWalk, latestWalk } from "./latest-walk.ts";
import { spendNonce } from "./nonce.ts";
import type { Operator } from "./operator.ts";
import { isVerification, listRecordNames, RecordWriter, readRecord, type WalkRecord } from "./record.ts";
import { lineNoter, noteLastLine, readOwnRecord, standingOf } from "./record-head.ts";
import { hostsOf, type Step } from "./runbook.ts";
import type { LoadedRunbook } from "./runbook-folder.ts";
import { readVerification } from "./verification-state.ts";
import { isDone, type StepState, stepOn, type WalkStart } from "./walk-progress.ts";
import { misplaced, readWalkState } from "./walk-state.ts";

/**
 * Takes over what was written elsewhere, by another person or on another machine: shows what the records claim and
 * who committed them, asks, writes a `taken-over` line with the hashes at which they were taken over, and notes them
 * here as if they were ours. Nothing of this happens by itself: a record in the project can be made up whole.
 *
 * @throws VibeopsError `record.none`, `record.foreign` where the person says no, `record.changed`, `approval.…`
 */
export async function takeOver(gate: Gate, loaded: LoadedRunbook, operator: Operator): Promise<LatestWalk> {
  const { env } = gate.context;
  const walk = latestWalk(loaded);
  if (walk?.state.start == null) throw nothingThere(loaded);
  const records = listRecordNames(loaded.folder).map((name) => readRecord(loaded.folder, name));
  const others = records
    .filter((record) => isOther(gate, loaded, record))
    .map((record) => ({ record, start: requireStart(loaded, record) }));
  if (others.length === 0) {
    operator.say("Every record of this runbook was written here: there is nothing to take over.");
    return walk;
  }
  await requireTimelyApproval(gate, loaded, walk.state.start);
  for (const other of others) await describe(gate, other, operator);
  for (const line of stepLines(loaded, walk)) operator.say(line);
  await askForYes(loaded, operator, others[0]?.record.file);
  for (const { record, start } of others) {
    if (start.walk !== undefined) continue;
    for (const nonce of [start.approval, ...(start.further ?? [])]) spendNonce(env, nonce, record.id);
  }
  for (const { record } of others) noteLastLine(env, loaded.folder.id, record.id, record.lastLine);
  const heads = others.map(({ record: { id, head } }) => ({ name: id, head }));
  append(gate, loaded, walk.id, operator.who, heads);
  return latestWalk(loaded) ?? walk;
}

/** Whether a record was not written here to its end; one that was changed is refused. */
function isOther(gate: Gate, loaded: LoadedRunbook, record: WalkRecord): boolean {
  const standing = standingOf(gate.context.env, loaded.folder, record);
  if (standing === "foreign" || standing === "ahead") return true;
  readOwnRecord(gate.context.env, loaded.folder, record.id);
  return false;
}

/** The start of a record whose lines are all in order. @throws VibeopsError `record.broken` */
function requireStart(loaded: LoadedRunbook, record: WalkRecord): WalkStart {
  const { start } = isVerification(record)
    ? readVerification(loaded.runbook.id, record)
    : readWalkState(loaded, record);
  if (start !== null) return start;
  throw misplaced(record.file, 1, "a record begins with its start");
}

async function requireTimelyApproval(gate: Gate, loaded: LoadedRunbook, start: WalkStart): Promise<void> {
  const { statement } = await requireGenuineApproval(gate, loaded, start);
  if (Date.parse(start.time) < Date.parse(statement.expires)) return;
  throw new VibeopsError({
    code: "approval.lapsed",
    exit: Exit.refused,
    message: `this walk says that it began at ${start.time}, and its approval ran out at ${statement.expires}`,
    file: loaded.runbook.file,
    fix: "find out who wrote this record: git log -p",
    facts: { reason: "expired", lapses: [] },
  });
}

interface Other {
  readonly record: WalkRecord;
  readonly start: WalkStart;
}

async function describe(gate: Gate, { record, start }: Other, operator: Operator): Promise<void> {
  const who = makeVisible(start.operator, { newlines: false });
  const approver = makeVisible(start.approver, { newlines: false });
  operator.say(
    `${start.walk === undefined ? "Walk" : "Verification"} ${record.id} was not written here. It claims:`,
  );
  operator.say(`  begun by ${who} at ${start.time}, on approval ${start.approval} by ${approver}`);
  operator.say(`  ${record.events.length} lines, the last of them ${record.head}`);
  for (const commit of await commitsOf(gate, record.file)) operator.say(`  committed by ${commit}`);
}

/** Who committed a record, as git tells it; git believes what it is told. */
async function commitsOf(gate: Gate, file: string): Promise<string[]> {
  const args = ["log", "--max-count=5", "--format=%an <%ae>, %aI, %h", "--", file];
  const { exitCode, stdout } = await tryGit(gate.git, args);
  const lines = exitCode === 0 ? stdout.split("\n").filter((line) => line !== "") : [];
  return lines.length === 0 ? ["nobody: it lies there uncommitted"] : lines.map((line) => makeVisible(line));
}

function stepLines({ runbook }: LoadedRunbook, { state }: LatestWalk): string[] {
  const steps = runbook.steps.map((step, i) => {
    const title = makeVisible(step.title, { newlines: false });
    return `  step ${step.number}, ${title}: ${claimsOf(step, state.steps[i])}`;
  });
  return [`The walk is ${state.phase}. By its record:`, ...steps];
}

/** Host by host, where a step has several. */
function claimsOf(step: Step, state: StepState | undefined): string {
  const hosts = hostsOf(step);
  if (state === undefined || hosts.length === 1) return claimOf(state);
  return hosts.map((host) => `${host} ${claimOf(stepOn(state.perHost, host))}`).join(", ");
}

function claimOf(step: StepState | undefined): string {
  if (step === undefined) return "unknown";
  if (step.rollback === "ok") return "rolled back";
  if (step.run === "unknown") return "begun, and nothing says how it ended";
  if (step.run === "failed" || step.checks.includes("failed")) return "failed";
  if (step.run === "skipped" || step.checks.includes("skipped")) return "skipped";
  if (isDone(step)) return "done";
  return step.touched ? "begun" : "not begun";
}

async function askForYes(loaded: LoadedRunbook, operator: Operator, file: string | undefined): Promise<void> {
  const question = "Do you know who wrote this, and do you go on from it as it stands?";
  const answer = await operator.choose(question, [
    { value: "yes", label: "yes, I take it over" },
    { value: "no", label: "no" },
  ]);
  if (answer === "yes") return;
  throw new VibeopsError({
    code: "record.foreign",
    exit: Exit.refused,
    message: "you did not take it over; nothing was noted and nothing ran",
    file,
    fix: `ask who wrote it; compare it with: git log -p runbooks/${loaded.runbook.id}`,
  });
}

function append(
  gate: Gate,
  loaded: LoadedRunbook,
  walk: string,
  operator: string,
  records: { name: string; head: string }[],
): void {
  const note = lineNoter(gate.context.env, loaded.folder.id, walk);
  const now = gate.context.now();
  const writer = RecordWriter.resume(loaded.folder, walk, now, note);
  try {
    writer.append({ event: "taken-over", operator, records }, now);
  } finally {
    writer.close();
  }
}

function nothingThere(loaded: LoadedRunbook): VibeopsError {
  return new VibeopsError({
    code: "record.none",
    exit: Exit.notFound,
    message: "there is no walk of this runbook to take over",
    file: loaded.runbook.file,
    fix: `vibeops runbook run ${loaded.runbook.id}`,
  });
}
