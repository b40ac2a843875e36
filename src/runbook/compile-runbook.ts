import { VibeopsError } from "../errors.ts";
import { type Edit, splice } from "../text/splice.ts";
import type { CompileSource } from "./actions/action.ts";
import { type CompiledAction, type CompiledFence, compileAction } from "./actions/actions.ts";
import { formatFenceInfo } from "./fence-info.ts";
import { parseRunbook } from "./parse-runbook.ts";
import { type ActionCall, type Runbook, rollbackFence, type Step } from "./runbook.ts";
import { noRollbackReason } from "./runbook-sections.ts";

/** What compiling may read: the files of the project. */
export type FileSource = Omit<CompileSource, "runbook">;

/**
 * Writes under each action the commands that it compiles to; everything else in the text stays as it is. In a
 * step with an action the first run, check and rollback are the action's, further checks are the writer's.
 * Compiling twice changes nothing.
 *
 * @throws VibeopsError as {@link parseRunbook} and {@link compileAction} do, with file and line
 */
export function compileRunbook(text: string, file: string, source: FileSource): string {
  const runbook = parseRunbook(text, file);
  const edits = [
    ...runbook.steps.flatMap((step) => (step.action ? stepEdits(runbook, step, step.action, source) : [])),
    ...runbook.uncompiled.flatMap((call) => verificationEdits(runbook, call, call.end, call.end, source)),
    ...runbook.verification.flatMap((check) =>
      check.action ? verificationEdits(runbook, check.action, check.start, check.end, source) : [],
    ),
  ];
  return splice(text, edits);
}

/** Compiles one action of a runbook; an error says in which file and line it stands. */
export function compileAt(
  runbook: Pick<Runbook, "id" | "file">,
  call: ActionCall,
  source: FileSource,
): CompiledAction {
  try {
    return compileAction(call, { ...source, runbook: runbook.id });
  } catch (error) {
    if (!(error instanceof VibeopsError)) throw error;
    const { code, exit, message, fix, facts } = error;
    const place = { file: runbook.file, line: call.line };
    throw new VibeopsError({ code, exit, message, fix, facts, ...place, cause: error });
  }
}

/** An existing fence is replaced where it stands; a missing one goes below the one before it. */
function stepEdits(runbook: Runbook, step: Step, call: ActionCall, source: FileSource): Edit[] {
  const compiled = compileAt(runbook, call, source);
  const slots = [
    { existing: step.run, fence: compiled.run, own: true },
    {
      existing: step.checks.find((check) => !check.raw),
      fence: compiled.check,
      own: compiled.check !== undefined,
    },
    { existing: rollbackFence(step), fence: compiled.rollback, own: true },
  ];
  const edits: Edit[] = [];
  let anchor = call.end;
  for (const { existing, fence, own } of slots) {
    if (existing !== undefined && own) edits.push(replacement(runbook, existing, fence));
    else if (fence !== undefined) edits.push(insertion(anchor, formatFence(fence)));
    // Where a fence is taken away, nothing can stand behind it.
    const isKept = existing !== undefined && (fence !== undefined || !own);
    if (isKept) anchor = Math.max(anchor, existing.end);
  }
  // Beside a rollback that goes, a reason may stand already: it counted for nothing so far.
  if (compiled.noRollback !== undefined && noRollbackReason(step.prose) === undefined) {
    // A paragraph of its own: a line right below it would be part of it, or make it a heading.
    const gap = /^(?:\n[ \t]*(?:\n|$)|$)/.test(runbook.text.slice(anchor)) ? "" : "\n";
    edits.push(insertion(anchor, `No rollback: ${compiled.noRollback}${gap}`));
  }
  return edits;
}

function replacement(
  runbook: Runbook,
  place: { start: number; end: number },
  fence: CompiledFence | undefined,
): Edit {
  if (fence !== undefined) return { start: place.start, end: place.end, text: formatFence(fence) };
  // The action has no such command any more: take away its fence and the empty line after it.
  const rest = /^\n{0,2}/.exec(runbook.text.slice(place.end))?.[0].length ?? 0;
  return { start: place.start, end: place.end + rest, text: "" };
}

function insertion(at: number, text: string): Edit {
  return { start: at, end: at, text: `\n\n${text}` };
}

function verificationEdits(
  runbook: Runbook,
  call: ActionCall,
  start: number,
  end: number,
  source: FileSource,
): Edit[] {
  const { check } = compileAt(runbook, call, source);
  if (check === undefined) {
    throw new VibeopsError({
      code: "runbook.action",
      exit: 4,
      message: `${call.use} has no check, and verification only checks`,
      file: runbook.file,
      line: call.line,
      fix: "use for example http.check",
    });
  }
  return start === end ? [insertion(start, formatFence(check))] : [{ start, end, text: formatFence(check) }];
}

/** A fenced command as text; its marks are longer than any row of backticks that begins a line of it. */
function formatFence(fence: CompiledFence): string {
  const runs = fence.script.match(/^\s*`{3,}/gm) ?? [];
  const longest = Math.max(2, ...runs.map((run) => run.trim().length));
  const marks = "`".repeat(longest + 1);
  return `${marks}${formatFenceInfo(fence)}\n${fence.script}\n${marks}`;
}
