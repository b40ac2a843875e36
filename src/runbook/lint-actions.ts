import { VibeopsError } from "../errors.ts";
import type { Finding } from "../text/finding.ts";
import type { CompiledAction } from "./actions/actions.ts";
import { type Assessment, sameCommand } from "./assess-runbook.ts";
import { installedFiles, lintRestores } from "./lint-restores.ts";
import { type ActionCall, type CommandKind, fencesOf, type Runbook } from "./runbook.ts";

export function compileFix({ id }: Runbook): string {
  return `run: vibeops runbook compile ${id}`;
}

/** The commands under an action are the ones it compiles to, and actions fit each other. */
export function lintActions(runbook: Runbook, assessment: Assessment): Finding[] {
  const fix = compileFix(runbook);
  return [
    ...runbook.uncompiled.map((call) => missing(call, "check", fix)),
    ...assessment.steps.flatMap(({ step, compiled }) =>
      lintCompiled(step.action, compiled, fencesOf(step), fix),
    ),
    ...assessment.verification.flatMap(({ check, compiled }) =>
      lintCompiled(check.action, compiled, [check], fix),
    ),
    ...lintInstalledFiles(runbook),
    ...lintRestores(assessment.steps.map(({ step }) => step)),
  ];
}

type Commands = ReturnType<typeof fencesOf>;

function lintCompiled(
  call: ActionCall | undefined,
  compiled: CompiledAction | VibeopsError | undefined,
  commands: Commands,
  fix: string,
): Finding[] {
  if (call === undefined || compiled === undefined) return [];
  if (compiled instanceof VibeopsError) {
    const mend = compiled.fix === undefined ? {} : { fix: compiled.fix };
    return [{ rule: "runbook.action", level: "error", message: compiled.message, line: call.line, ...mend }];
  }
  const kinds: CommandKind[] = ["run", "check", "rollback"];
  return kinds.flatMap((kind) => lintKind(call, compiled, kind, commands, fix));
}

function lintKind(
  call: ActionCall,
  compiled: CompiledAction,
  kind: CommandKind,
  commands: Commands,
  fix: string,
): Finding[] {
  const fence = compiled[kind];
  const written = commands.find((command) => command.kind === kind && !command.raw);
  if (fence === undefined)
    return written === undefined || kind === "check" ? [] : [surplus(call, written.line, kind, fix)];
  // In Verification an action stands for its check alone.
  if (written === undefined) return commands.some((c) => "action" in c) ? [] : [missing(call, kind, fix)];
  if (sameCommand(written, fence)) return [];
  return [
    {
      rule: "runbook.action-differs",
      level: "error",
      message: `this ${kind} is not what ${call.use} compiles to`,
      line: written.line,
      fix,
    },
  ];
}

function surplus(call: ActionCall, line: number, kind: CommandKind, fix: string): Finding {
  const message = `${call.use} has no ${kind}`;
  return { rule: "runbook.action-differs", level: "error", message, line, fix };
}

function missing(call: ActionCall, kind: CommandKind, fix: string): Finding {
  const message = `the ${kind} of ${call.use} is not written out`;
  return { rule: "runbook.action-differs", level: "error", message, line: call.line, fix };
}

/** What an action installs is hashed into the approval only when the front matter names it. */
function lintInstalledFiles(runbook: Runbook): Finding[] {
  return runbook.steps.flatMap(({ action }) =>
    installedFiles(action)
      .filter(({ source }) => !runbook.files.includes(source))
      .map(({ source }) => ({
        rule: "runbook.file-unlisted",
        level: "error",
        message: `${source} is installed, and the front matter does not list it`,
        line: action?.line ?? 1,
        fix: `add ${source} to files`,
      })),
  );
}
