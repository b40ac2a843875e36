import { redactSecrets } from "../text/secrets.ts";
import { makeVisible } from "../text/visible.ts";
import { isVerification, type RecordLine, type WalkRecord } from "./record.ts";
import { hostsOf, type Runbook } from "./runbook.ts";

/** Draws records as Markdown for people. The JSON lines are what counts; this can be drawn again at any time. */
export function drawRecord(
  runbook: Runbook,
  walks: readonly WalkRecord[],
  verifications: readonly WalkRecord[],
): string {
  return [
    `# Record: ${oneLine(runbook.title)}`,
    "",
    `Runbook ${runbook.id}${runbook.memo === undefined ? "" : `, asked for by memo ${runbook.memo}`}.`,
    ...(walks.length === 0 ? ["", "It was never walked."] : []),
    ...walks.flatMap((record) => drawOne(`Walk ${record.id}`, runbook, record)),
    ...verifications.flatMap((record) =>
      drawOne(`Verification ${record.id.replace("verify-", "")}`, runbook, record),
    ),
    "",
  ].join("\n");
}

function drawOne(title: string, runbook: Runbook, record: WalkRecord): string[] {
  const lines = record.events.flatMap((event) => {
    const [what, ...details] = describe(runbook, event, isVerification(record));
    return [`- ${event.time} ${what}`, ...details.map((line) => (line === "" ? "" : `  ${line}`))];
  });
  return ["", `## ${title}`, "", ...lines, "", `Last line: ${record.head}`];
}

function describe(runbook: Runbook, event: RecordLine, ofVerification: boolean): string[] {
  switch (event.event) {
    case "start":
      return [
        `**${oneLine(event.operator)}** began${ways(event)}, on approval ${event.approval} by ${oneLine(event.approver)}`,
      ];
    case "resume":
      return [`**${oneLine(event.operator)}** went on${ways(event)}`];
    case "started":
      return [
        `${place(runbook, event.step, ofVerification)}: ${event.kind} on ${event.host} started, ${WAYS[event.by]}`,
      ];
    case "finished":
      return [
        `${place(runbook, event.step, ofVerification)}: ${event.kind}${on(runbook, event, ofVerification)} ${event.outcome}${ending(event)}`,
        ...deviation(event),
        ...output(event),
      ];
    case "checked":
      return [
        `${place(runbook, event.step, ofVerification)}: check${on(runbook, event, ofVerification)} ${event.ok ? "passed" : "**failed**"}${ending(event)}`,
        ...deviation(event),
        ...output(event),
      ];
    case "evidence":
      return [
        `${place(runbook, event.step, false)}: kept${on(runbook, event, ofVerification)} before the rollback${ending(event)}`,
        ...deviation(event),
        ...output(event),
      ];
    default:
      return describeDecision(runbook, event);
  }
}

/** How a command gets to its host. */
const WAYS = { ssh: "over ssh", local: "on this machine", hand: "by hand" } as const;

/** Of a whole walk it can only be said that all of it is by hand; else each command says how it went. */
function ways({ mode, delegated }: { mode: "paste" | "ssh"; delegated?: true | undefined }): string {
  if (delegated === true) return ", delegated steps only";
  return mode === "paste" ? ", each command by hand" : "";
}

type Decision = Exclude<
  RecordLine,
  { event: "start" | "resume" | "started" | "finished" | "checked" | "evidence" }
>;

function describeDecision(runbook: Runbook, event: Decision): string[] {
  switch (event.event) {
    case "taken-over":
      return [
        `**${oneLine(event.operator)}** took this over: ${event.records.map(describeTaken).join(", ")}`,
      ];
    case "locked":
      return [`step 0: the lock on ${event.host} is this walk's (account ${oneLine(event.account)})`];
    case "lock-broken":
      return [`step 0: the lock on ${event.host} was **broken**: ${oneLine(event.holder)}`];
    case "unlocked":
      return [
        `the lock on ${event.host}: ${event.outcome}${event.why === undefined ? "" : `, ${oneLine(event.why)}`}`,
      ];
    case "confirmed":
      return [`a person says yes: ${oneLine(event.text)}`];
    case "captured":
      return [
        `${place(runbook, event.step, false)}: ${event.name} is ${oneLine(event.value)}${event.reported === undefined ? "" : " (as a person reported it)"}`,
      ];
    case "answered":
      return [
        `${place(runbook, event.step, false)}: ${describeAnswer(event)}${on(runbook, event, false)}${event.reported === "host" ? "" : `: ${event.answer}`}`,
      ];
    case "skipped":
      return [
        `${place(runbook, event.step, false)}: ${event.kind} skipped${on(runbook, event, false)}: ${oneLine(event.reason)}`,
      ];
    case "retry":
      return [`${place(runbook, event.step, false)}: once more`];
    case "rollback":
      return [`rolling back from step ${event.from}: ${oneLine(event.reason)}`];
    case "rolled-back":
      return [
        `rolled back${list(", not rolled back: step ", event.failed)}${list(", no way back: step ", event.none)}`,
      ];
    case "verified":
      return [
        `${event.ok ? "verified" : "**not verified**"}, by ${event.judged}${event.note === undefined ? "" : `: ${oneLine(event.note)}`}`,
      ];
    case "refused":
      return [`refused (${event.code}): ${oneLine(event.message)}`];
    case "stopped":
    case "abandoned":
      return [`${event.event}: ${oneLine(event.reason)}`];
    case "torn":
      return ["a line was cut off when the program died; nothing had followed from it"];
    case "completed":
      return ["completed"];
  }
}

function describeAnswer({ kind, reported }: Extract<RecordLine, { event: "answered" }>): string {
  return reported === "host" ? `its ${kind} never began` : `a person says of its ${kind}`;
}

function describeTaken({ name, head }: { name: string; head: string }): string {
  return `${oneLine(name)} up to ${head}`;
}

/** Which of its hosts, where it has several. */
function on(
  { steps, verification }: Runbook,
  event: { step: number; host?: string | undefined },
  ofVerification: boolean,
): string {
  const step = steps[event.step - 1];
  const hosts = ofVerification ? verification[event.step - 1]?.hosts : step && hostsOf(step);
  return event.host === undefined || hosts?.length === 1 ? "" : ` on ${oneLine(event.host)}`;
}

function place(runbook: Runbook, number: number, ofVerification: boolean): string {
  if (ofVerification) return `check ${number}`;
  return `step ${number}, ${oneLine(runbook.steps[number - 1]?.title ?? "")}`;
}

interface Result {
  exit: number | null;
  stdout: string;
  stderr: string;
  ended?: string | undefined;
  reported?: string | undefined;
}

function ending(event: Result): string {
  const parts = [
    ...(event.exit === null ? [] : [`exit ${event.exit}`]),
    ...(event.ended === undefined ? [] : [event.ended]),
    ...(event.reported === "human" ? ["as a person reported it"] : []),
  ];
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}

function deviation(event: { deviation?: string | undefined }): string[] {
  if (event.deviation === undefined) return [];
  return ["", "Ran instead of what was approved:", ...fenced(event.deviation)];
}

function output(event: Result): string[] {
  return [event.stdout, event.stderr].flatMap((text) => (text.trim() === "" ? [] : ["", ...fenced(text)]));
}

function fenced(text: string): string[] {
  const shown = makeVisible(redactSecrets(text)).replace(/\n$/, "");
  const longest = Math.max(2, ...(shown.match(/`+/g) ?? []).map((run) => run.length));
  const marks = "`".repeat(longest + 1);
  return [`${marks}text`, ...shown.split("\n"), marks];
}

/** What would be a tag, a link, code or emphasis to a reader of Markdown, or would take the backslash from it. */
const MARKUP = /[\\`*<>[\]]/g;

/** Titles and names stand in many lines of many records. */
const shownBefore = new Map<string, string>();

function oneLine(text: string): string {
  const known = shownBefore.get(text);
  if (known !== undefined) return known;
  const shown = makeVisible(redactSecrets(text), { newlines: false }).replace(MARKUP, "\\$&");
  if (shownBefore.size > 1_000) shownBefore.clear();
  shownBefore.set(text, shown);
  return shown;
}

function list(words: string, numbers: readonly number[]): string {
  return numbers.length === 0 ? "" : `${words}${numbers.join(", ")}`;
}
