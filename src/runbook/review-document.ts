import { VibeopsError } from "../errors.ts";
import { scanBlocks } from "../text/blocks.ts";
import { makeVisible } from "../text/visible.ts";
import type { AssessedCommand, AssessedStep } from "./assess-runbook.ts";
import { type CurrentContent, hostOf } from "./current-content.ts";
import { formatDuration } from "../text/duration.ts";
import { scriptBytes } from "./host.ts";
import { linesOf, note, numbered, quoted, type ReviewLine, type ReviewPage } from "./review-line.ts";
import type { ActionCall, Runbook } from "./runbook.ts";
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
  const commands = [...steps.flatMap((step) => step.commands), ...verification];
  const calls = [
    ...steps.map(({ step, compiled }) => ({ call: step.action, compiled })),
    ...verification.map(({ command, compiled }) => ({ call: command.action, compiled })),
  ];
  const entries = [
    ...commands.map((one) => [one.command.line, commandNotes(one, runbook, current)] as const),
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

function commandNotes(
  { command, tier, proven, judged }: AssessedCommand,
  runbook: Runbook,
  current: CurrentContent,
) {
  const { kind, host, script, timeoutMs, attempts, intervalMs, expect, capture } = command;
  const vouched = proven === null ? ", raw: no action vouches for it" : "";
  const repeat = attempts === 1 ? "" : `, up to ${attempts} times every ${formatDuration(intervalMs)}`;
  return [
    note(`  ${kind} on ${place(host, current)}`),
    note(`  tier ${tier}${vouched}; at most ${formatDuration(timeoutMs)}${repeat}`),
    ...(judged === null || judged.answer === "local" ? [] : [note(`  ${judged.answer}: ${judged.reason}`)]),
    ...(expect === undefined ? [] : [note(`  its output must hold: ${expect}`)]),
    ...(capture === undefined
      ? []
      : [note(`  its output becomes ${capture.name}, if it is: ${capture.pattern}`)]),
    ...linesBefore(script, host, runbook, current).map((line) => quoted(line, "›")),
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
