import type { RecordLine, WalkRecord } from "./record.ts";
import type { WalkStart } from "./walk-progress.ts";
import { misplaced } from "./walk-state.ts";

/** What a verification's record says. */
export interface VerificationState {
  readonly start: WalkStart | null;
  /** Hashes of the checks that passed. */
  readonly passed: ReadonlySet<string>;
  /** Null where it did not come to its end. */
  readonly verdict: Extract<RecordLine, { event: "verified" }> | null;
}

interface Reading {
  start: WalkStart | null;
  passed: Set<string>;
  verdict: VerificationState["verdict"];
  /** The checks that were started and have no result yet: one, or one on each of its hosts. */
  open: Extract<RecordLine, { event: "started" }>[];
}

/**
 * Reads the record of a verification: its start, each check started and then judged, the verdict, and nothing after.
 *
 * @throws VibeopsError `record.broken` with the line
 */
export function readVerification(
  runbook: string,
  record: Pick<WalkRecord, "events" | "file">,
): VerificationState {
  const reading: Reading = { start: null, passed: new Set(), verdict: null, open: [] };
  for (const event of record.events) {
    const wrong = apply(reading, runbook, event);
    if (wrong !== null) throw misplaced(record.file, event.seq + 1, wrong);
  }
  const { start, passed, verdict } = reading;
  return { start, passed, verdict };
}

/** Takes in one line; says why it cannot stand there, or null. */
function apply(reading: Reading, runbook: string, event: RecordLine): string | null {
  if (event.event === "torn" || event.event === "taken-over") return null;
  if (event.event === "start") return begin(reading, runbook, event);
  if (reading.start === null) return "a record begins with its start";
  if (reading.verdict !== null) return "nothing happens in a verification after its verdict";
  switch (event.event) {
    case "started":
      reading.open = [...reading.open.filter(({ step }) => step === event.step), event];
      return event.kind === "check" ? null : "a verification runs checks only";
    case "checked":
      return judge(reading, event);
    case "verified":
      reading.verdict = event;
      return null;
    case "refused":
    case "stopped":
      return null;
    default:
      return `a verification has no ${event.event}`;
  }
}

/** Takes in a result: of the check that was started on that host, or, where none is named, of the one that was started. */
function judge(reading: Reading, event: Extract<RecordLine, { event: "checked" }>): string | null {
  const { host = reading.open[0]?.host } = event;
  const started = reading.open.findLast((one) => one.step === event.step && one.host === host);
  if (started === undefined)
    return `check ${event.step} was not started${host === undefined ? "" : ` on ${host}`}`;
  if (event.ok) reading.passed.add(started.command);
  else reading.passed.delete(started.command);
  reading.open = reading.open.filter((one) => one !== started);
  return null;
}

function begin(reading: Reading, runbook: string, event: WalkStart): string | null {
  if (reading.start !== null) return "a verification starts once";
  if (event.runbook !== runbook) return `this record is about runbook ${event.runbook}`;
  if (event.walk === undefined) return "this verification says of no walk that it verifies it";
  reading.start = event;
  return null;
}
