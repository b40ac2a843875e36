import { existsSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { Exit, type ExitCode, VibeopsError } from "../errors.ts";
import { describeSystemError, systemCode } from "../platform/system-error.ts";
import { findProjectAround } from "../project/discovery.ts";
import { makeVisible } from "../text/visible.ts";
import { wrapProse } from "../text/wrap.ts";
import type { Io } from "./io.ts";
import { lineWidth, styleFor } from "./style.ts";

export interface ErrorReport {
  code: string;
  message: string;
  exit: ExitCode;
  fix?: string;
  file?: string;
  line?: number;
  facts?: Readonly<Record<string, unknown>>;
}

/** Everything that can be thrown, as one report. What we did not foresee keeps its own message. */
export function reportError(error: unknown, cwd: string): ErrorReport {
  if (!(error instanceof VibeopsError)) return reportUnexpected(error);
  return {
    code: error.code,
    message: error.message,
    exit: error.exit,
    ...(error.fix === undefined ? {} : { fix: error.fix }),
    ...(error.file === undefined ? {} : { file: shortPath(error.file, cwd) }),
    ...(error.line === undefined ? {} : { line: error.line }),
    ...(error.facts === undefined ? {} : { facts: error.facts }),
  };
}

function reportUnexpected(error: unknown): ErrorReport {
  const system = describeSystemError(error);
  if (system !== null) return { ...system, code: systemCode(system.code), exit: Exit.unexpected };
  return {
    code: "unexpected",
    message: error instanceof Error ? error.message : String(error),
    exit: Exit.unexpected,
    fix: "this is a defect of vibeops; VIBEOPS_DEBUG=1 shows where",
  };
}

/**
 * A path as the person would type it: relative where that is shorter. What is relative already lies below the root of
 * the project around them.
 */
export function shortPath(path: string, cwd: string): string {
  const whole = isAbsolute(path) ? path : inProject(path, cwd);
  const short = relative(cwd, whole);
  return short !== "" && short.length < whole.length ? short : whole;
}

function inProject(path: string, cwd: string): string {
  const root = path === "" || !existsSync(cwd) ? null : findProjectAround(cwd);
  const whole = root === null ? path : join(root, path);
  return existsSync(whole) ? whole : path;
}

/** What is wrong, where, and how to mend it; text from outside is made visible. */
export function renderError(report: ErrorReport, io: Io): string {
  const style = styleFor(io);
  // What a person may copy stands below it, and is left to the terminal.
  const message = wrapProse(`error: ${reportedText(report.message)}`, lineWidth(io));
  const lines = [message.replace("error:", style.red("error:"))];
  if (report.file !== undefined) {
    const place = report.line === undefined ? report.file : `${report.file}:${report.line}`;
    lines.push(`   at: ${makeVisible(place, { newlines: false })}`);
  }
  if (report.fix !== undefined) lines.push(`  fix: ${reportedText(report.fix)}`);
  return lines.join("\n");
}

/** What a report says: of what it quotes, a further line begins like none of ours. */
export function reportedText(text: string): string {
  return makeVisible(text).replaceAll("\n", "\n     > ");
}

/** An answer that nobody got. Who reads of an error alone would run again what was done. */
export function renderUnwritten(error: Error, exit: ExitCode): string {
  const why = describeSystemError(error)?.message ?? error.message;
  const line = `error: the answer could not be written to standard output: ${why}`;
  if (exit !== Exit.ok) return line;
  return `${line}\n  what the command was to do is done: look before you run it again (git log, vibeops status)`;
}
