import { whyNotDelegated } from "../policy/may-delegate.ts";
import type { Policy } from "../policy/policy.ts";
import { approvedDelegation } from "../runbook/policy-facts.ts";
import type { RecordLine } from "../runbook/record.ts";
import type { LoadedRunbook } from "../runbook/runbook-folder.ts";
import type { Statement } from "../runbook/statement.ts";

/** What is wrong with a line of a record, from 0. */
export interface LineProblem {
  readonly seq: number;
  readonly message: string;
}

/** What only a person decides: no session without one writes such a line. */
const FOR_PERSONS: ReadonlySet<string> = new Set([
  ...["confirmed", "skipped", "retry", "rollback", "rolled-back", "evidence", "lock-broken"],
]);

/**
 * Holds each sitting of a walk, from its start or resume on, against who is said to have sat there: without a person
 * nothing ran but steps that were approved as delegated and that the approved policy delegates, and an agent never
 * sits in a person's place.
 *
 * @param policy null where nobody can tell what it said
 */
export function findSessionProblems(
  loaded: LoadedRunbook,
  statement: Statement,
  policy: Policy | null,
  events: readonly RecordLine[],
): LineProblem[] {
  const problems: LineProblem[] = [];
  let isDelegated = false;
  for (const [at, event] of events.entries()) {
    if (event.event === "start" || event.event === "resume") isDelegated = event.delegated === true;
    const message = isDelegated
      ? (whyNotDelegable(loaded, statement, policy, event) ?? whyNotByItself(event, events[at - 1]))
      : whyNotForPersons(event);
    if (message !== null) problems.push({ seq: event.seq, message });
  }
  return problems;
}

function whyNotForPersons(event: RecordLine): string | null {
  if (event.event !== "start" && event.event !== "resume") return null;
  if (!event.operator.startsWith("agent ")) return null;
  return `${event.operator} sat in the place of a person: this is not marked as delegated`;
}

function whyNotDelegable(
  loaded: LoadedRunbook,
  statement: Statement,
  policy: Policy | null,
  event: RecordLine,
): string | null {
  if (FOR_PERSONS.has(event.event)) {
    return `'${event.event}' is for a person, and none was there: this went on delegated`;
  }
  if (event.event !== "started") return null;
  const why = whyNotAlone(loaded, statement, policy, event);
  return why === null ? null : `step ${event.step} ran without a person, and ${why}`;
}

/** What a person says of a command; that a host was never reached is written without one, right behind its end. */
function whyNotByItself(event: RecordLine, before: RecordLine | undefined): string | null {
  if (event.event === "answered") {
    const isOwn = before?.event === "finished" && before.outcome === "unknown" && event.answer === "not-run";
    if (isOwn && before.step === event.step && before.host === event.host) return null;
    return `what became of step ${event.step} is for a person to say, and none was there: this went on delegated`;
  }
  if (!("reported" in event) || event.reported !== "human") return null;
  return `step ${event.step} was reported by a person, and none was there: this went on delegated`;
}

function whyNotAlone(
  { runbook }: LoadedRunbook,
  statement: Statement,
  policy: Policy | null,
  event: Extract<RecordLine, { event: "started" }>,
): string | null {
  if (event.kind !== "run") return `a ${event.kind} is for a person`;
  if (statement.steps.find(({ number }) => number === event.step)?.delegated !== "yes") {
    return "nobody approved it as delegated";
  }
  const step = runbook.steps[event.step - 1];
  if (policy === null || step === undefined) return null;
  const why = whyNotDelegated(policy, approvedDelegation(step, statement));
  return why === null ? null : `the approved policy does not let it: ${why}`;
}

/** Commands that started on a host which this walk did not hold: step 0 comes first, on each of them. */
export function findUnlocked({ hosts }: Statement, events: readonly RecordLine[]): LineProblem[] {
  const locked = new Set<string>();
  const problems: LineProblem[] = [];
  for (const event of events) {
    if (event.event === "locked") locked.add(event.host);
    else if (event.event === "unlocked") locked.delete(event.host);
    else if (event.event === "started" && !locked.has(event.host)) {
      if (!hosts.some(({ name }) => name === event.host)) continue;
      const message = `step ${event.step} started its ${event.kind} on ${event.host}, whose lock this walk did not have`;
      problems.push({ seq: event.seq, message });
    }
  }
  return problems;
}
