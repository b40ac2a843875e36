import { VibeopsError } from "../errors.ts";
import { scanBlocks } from "../text/blocks.ts";
import { formatDuration } from "../text/duration.ts";
import { makeVisible } from "../text/visible.ts";
import { type AssessedCommand, type AssessedStep, assessedOf } from "./assess-runbook.ts";
import { type CurrentContent, hostOf } from "./current-content.ts";
import { describeTurns } from "./host-turns.ts";
import { linesOf, note, numbered, quoted, type ReviewLine, type ReviewPage } from "./review-line.ts";
import { type ActionCall, fencesOf, type Runbook } from "./runbook.ts";
import { scriptBytes } from "./script-bytes.ts";
import { highestTier } from "./tier.ts";

/**
 * The whole of runbook.md, line by line, so that nothing in it can be left out: what comes before the first step, one
 * page for each step, one for each section after the last. Below each fence stands what is known about its command.
 */
export function documentPages(runbook: Runbook, current: CurrentContent): ReviewPage[] {
  const lines = linesOf(runbook.text);
  const notes = notesOf(runbook, current);
  const starts = pageStarts(runbook, current);
  return starts.map(({ line, title, opening }, i) => {
    const end = (starts[i + 1]?.line ?? lines.length + 1) - 1;
    const body = numbered(lines.slice(line - 1, end), line);
    const annotated = body.flatMap((one, at) => [one, ...(notes.get(line + at) ?? [])]);
    return { title, lines: [...opening, ...withoutBlankEnd(annotated)] };
  });
}

interface PageStart {
  readonly line: number;
  readonly title: string;
  readonly opening: readonly ReviewLine[];
}

function pageStarts(runbook: Runbook, current: CurrentContent): PageStart[] {
  const steps = current.assessment.steps.map((assessed) => stepStart(assessed, runbook.steps.length));
  const last = runbook.steps.at(-1)?.line ?? 0;
  const sections = scanBlocks(runbook.text)
    .headings.filter(({ depth, line }) => depth <= 2 && line > last)
    .map(({ line, text }) => ({ line, title: makeVisible(text, { newlines: false }), opening: [] }));
  return [{ line: 1, title: "What it is for", opening: [] }, ...steps, ...sections];
}

function stepStart({ step, commands }: AssessedStep, count: number): PageStart {
  const tier = highestTier(commands.map((command) => command.tier));
  const way =
    step.rollback === undefined ? "none" : "none" in step.rollback ? "none, and it says why" : "a command";
  const delegated = "DELEGATED: an agent may run this step by itself, without asking anybody";
  const opening = [
    note(`tier: ${tier}; checks: ${step.checks.length}; way back: ${way}`),
    ...(step.action?.delegated === true ? [note(delegated)] : []),
    note(""),
  ];
  return { line: step.line, title: `Step ${step.number} of ${count}`, opening };
}

function withoutBlankEnd(lines: readonly ReviewLine[]): readonly ReviewLine[] {
  return lines.slice(
    0,
    lines.findLastIndex(({ text, gutter }) => gutter === undefined || text.trim() !== "") + 1,
  );
}

/** What vibeops adds below lines of the document, by their numbers. */
function notesOf(runbook: Runbook, current: CurrentContent): ReadonlyMap<number, readonly ReviewLine[]> {
  const { steps, verification } = current.assessment;
  const fences = [
    ...steps.flatMap(({ step, commands }) => fencesOf(step).map((fence) => assessedOf(commands, fence))),
    ...verification.map(({ commands }) => commands),
  ];
  const calls = [
    ...steps.map(({ step, compiled }) => ({ call: step.action, compiled })),
    ...verification.map(({ check, compiled }) => ({ call: check.action, compiled })),
  ];
  const entries = [
    ...fences.flatMap((fence) =>
      fence.slice(0, 1).map(({ command }) => [command.line, fenceNotes(fence, runbook, current)] as const),
    ),
    ...calls.flatMap(({ call, compiled }) =>
      call === undefined ? [] : [[call.line, callNotes(call, compiled, current)] as const],
    ),
  ];
  return new Map(entries);
}

function callNotes(call: ActionCall, compiled: unknown, { content }: CurrentContent): ReviewLine[] {
  const known = content.actions.find(({ name }) => name === call.use);
  const definition = known === undefined ? "unknown here" : `definition ${known.sha256.slice(0, 12)}`;
  const error = compiled instanceof VibeopsError ? [note(`  it does not compile: ${compiled.message}`)] : [];
  return [note(`  action ${call.use}, ${definition}`), ...error];
}

/** What is known about one fence: its commands differ in nothing but their hosts and the tiers of those. */
function fenceNotes(commands: readonly AssessedCommand[], runbook: Runbook, current: CurrentContent) {
  const [first] = commands;
  if (first === undefined) return [];
  const { judged } = first;
  const { host, script, timeoutMs, attempts, intervalMs, expect, capture } = first.command;
  const captured = namedCaptures(first.command, runbook);
  const tier = highestTier(commands.map((one) => one.tier));
  const vouched = first.proven === null ? ", raw: no action vouches for it" : "";
  const repeat = attempts === 1 ? "" : `, up to ${attempts} times every ${formatDuration(intervalMs)}`;
  return [
    ...whereNotes(commands, current),
    note(`  tier ${tier}${vouched}; at most ${formatDuration(timeoutMs)}${repeat}`),
    ...(judged === null || judged.answer === "local" ? [] : [note(`  ${judged.answer}: ${judged.reason}`)]),
    ...(expect === undefined ? [] : [note(`  its output must hold: ${expect}`)]),
    ...(capture === undefined
      ? []
      : [note(`  its output becomes ${capture.name}, if it is: ${capture.pattern}`)]),
    ...captured.map((text) => note(`  ${text}`)),
    ...linesBefore(script, host, runbook, current).map((line) => quoted(line, "›")),
  ];
}

/** What is assigned before it too, and has no value yet. */
function namedCaptures({ script, line }: AssessedCommand["command"], { steps }: Runbook): string[] {
  return steps.flatMap(({ number, run }) =>
    run?.capture === undefined || run.line >= line || !script.includes(run.capture.name)
      ? []
      : [`${run.capture.name} is what step ${number} captures`],
  );
}

function whereNotes(commands: readonly AssessedCommand[], current: CurrentContent): ReviewLine[] {
  const [first] = commands;
  if (first === undefined) return [];
  const { kind } = first.command;
  if (commands.length === 1) return [note(`  ${kind} on ${place(first.command.host, current)}`)];
  return [
    note(`  ${kind} on ${commands.length} hosts, ${describeTurns(first.command)}:`),
    ...commands.map(({ command, tier }) => note(`    ${place(command.host, current)}, tier ${tier}`)),
  ];
}

/** A host with what it stands for, as the person's own ssh sees it. */
export function place(name: string, { content }: CurrentContent): string {
  const resolved = content.hosts.find((host) => host.name === name)?.resolved ?? "unknown";
  return `${name} (${resolved === "local" ? "this machine" : resolved})`;
}

/** The assignments that are sent before the text of the fence. */
function linesBefore(script: string, host: string, runbook: Runbook, current: CurrentContent): string[] {
  const transport = hostOf(current.inventory, host)?.transport ?? "ssh";
  const sent = scriptBytes(script, runbook.variables, { transport }, current.places).toString("utf8");
  return linesOf(sent.slice(0, sent.length - script.length - 1));
}
