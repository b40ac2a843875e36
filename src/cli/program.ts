import type { Writable } from "node:stream";
import { Command, CommanderError } from "commander";
import { Exit, type ExitCode } from "../errors.ts";
import { VERSION } from "../platform/version.ts";
import { makeVisible } from "../text/visible.ts";
import type { CommandSpec, Flag, Options } from "./command.ts";
import { commands, groups } from "./commands.ts";
import type { Io } from "./io.ts";
import { formatJson, jsonPieces } from "./json.ts";
import { type CliWarning, renderWarnings, watchLooseCommits } from "./loose-commits.ts";
import type { Outcome } from "./outcome.ts";
import { programName, typeable } from "./program-name.ts";
import { renderError, reportError } from "./render-error.ts";
import { normalizeArguments, requireKnownCommand, usageError } from "./usage.ts";

/** Runs one command line to its end and returns the exit code. Nothing else sets it. */
export async function runCli(given: readonly string[], outside: Io): Promise<ExitCode> {
  const { io, warnings } = watchLooseCommits(outside);
  const wantsJson = given.includes("--json");
  const argv = normalizeArguments(given);
  const printed: string[] = [];
  let exit: ExitCode = Exit.ok;
  try {
    requireKnownCommand(argv);
    const program = buildProgram(argv, io, printed, async (run) => {
      exit = await finish(run, io, wantsJson, warnings);
    });
    await program.parseAsync(argv, { from: "user" });
    return exit;
  } catch (error) {
    if (!(error instanceof CommanderError)) return failWith(error, io, wantsJson);
    return finishParsing(error, argv, printed.join(""), io, wantsJson);
  }
}

async function finish(
  run: () => Promise<Outcome>,
  io: Io,
  wantsJson: boolean,
  warningsOf: () => CliWarning[],
): Promise<ExitCode> {
  try {
    if (io.fault !== undefined) throw io.fault;
    const result = await run();
    const exit = result.exit ?? Exit.ok;
    const warnings = warningsOf();
    const more = warnings.length === 0 ? {} : { warnings };
    if (warnings.length > 0 && !wantsJson) io.stderr.write(renderWarnings(warnings, io));
    if (wantsJson)
      await writeLine(io.stdout, jsonPieces({ ok: exit === Exit.ok, result: result.data, ...more }));
    else if (result.lines !== undefined) await writeLine(io.stdout, result.lines(), "\n");
    else if (result.text !== "") io.stdout.write(`${result.text}\n`);
    return exit;
  } catch (error) {
    // It may have committed before it failed.
    const warnings = warningsOf();
    if (warnings.length > 0) io.stderr.write(renderWarnings(warnings, io));
    return failWith(error, io, wantsJson);
  }
}

const PIECE = 65_536;

/** Never faster than it is read: what waits in a stream waits in memory. A reader that closes early ends it. */
async function writeLine(stream: Writable, pieces: Iterable<string>, between = ""): Promise<void> {
  let waiting = "";
  let before = "";
  for (const piece of pieces) {
    if (waiting.length > PIECE) {
      if (!stream.write(waiting) && !(await isDrained(stream))) return;
      waiting = "";
    }
    waiting += before + piece;
    before = between;
  }
  stream.write(`${waiting}\n`);
}

async function isDrained(stream: Writable): Promise<boolean> {
  if (stream.destroyed || stream.errored !== null) return false;
  return await new Promise((resolve) => {
    const events = ["drain", "error", "close"] as const;
    const settle = () => {
      for (const event of events) stream.off(event, settle);
      resolve(stream.errored === null && !stream.destroyed);
    };
    for (const event of events) stream.on(event, settle);
  });
}

function failWith(error: unknown, io: Io, wantsJson: boolean): ExitCode {
  const { exit, ...found } = reportError(error, io.cwd);
  const report = found.fix === undefined ? found : { ...found, fix: typeable(io, found.fix) };
  const tell = () => void io.stderr.write(`${renderError({ ...report, exit }, io)}\n`);
  // Where nobody gets the document, a person may still read what was wrong.
  const onWritten = (failure?: NodeJS.ErrnoException | null) => {
    if (failure && failure.code !== "EPIPE") tell();
  };
  if (wantsJson) io.stdout.write(`${formatJson({ ok: false, error: report })}\n`, onWritten);
  else tell();
  if (io.context.env.VIBEOPS_DEBUG && error instanceof Error)
    io.stderr.write(`${makeVisible(error.stack ?? "")}\n`);
  return exit;
}

/** Help and the version are no errors; a command line that stops short gets the help of where it stopped. */
function finishParsing(
  error: CommanderError,
  argv: readonly string[],
  printed: string,
  io: Io,
  wantsJson: boolean,
): ExitCode {
  if (error.exitCode === 0) {
    const document = `${formatJson({ ok: true, result: { text: printed } })}\n`;
    io.stdout.write(wantsJson ? document : printed);
    return Exit.ok;
  }
  if (wantsJson || error.code !== "commander.help") return failWith(usageError(error, argv), io, wantsJson);
  io.stderr.write(printed);
  return Exit.usage;
}

function buildProgram(
  argv: readonly string[],
  io: Io,
  printed: string[],
  execute: (run: () => Promise<Outcome>) => Promise<void>,
): Command {
  const program = configure(new Command(programName(io)), io, printed)
    .description(
      "AI agents prepare; a human decides and carries out. Memos, runbooks, approvals, and a trail in git.",
    )
    .version(VERSION, "-V, --version", "print the version")
    .addHelpText("after", () =>
      typeable(io, "\nStart here: vibeops demo     Every command has --help with examples."),
    );
  const parents = new Map<string, Command>();
  for (const spec of relevantCommands(argv)) {
    const [name = ""] = spec.usage.split(" ", 1);
    const summary = groups[name];
    if (summary !== undefined && !parents.has(name)) {
      parents.set(name, configure(program.command(name).description(summary), io, printed));
    }
    addCommand(program, parents, spec, io, printed, execute);
  }
  return program;
}

/** The one that the first words name; else those of its group, or all of them, for help and for the nearest name. */
function relevantCommands(argv: readonly string[]): readonly CommandSpec[] {
  const inGroup = commands.filter((spec) => spec.usage.split(" ", 1)[0] === argv[0]);
  const named = inGroup.filter((spec) => spec.usage.split(" ", 2)[1] === argv[1]);
  if (named.length > 0) return named;
  return inGroup.length > 0 ? inGroup : commands;
}

/** Nothing is written while parsing: what commander prints is kept, since `--json` promises one document. */
function configure(command: Command, io: Io, printed: string[]): Command {
  return command
    .exitOverride()
    .helpCommand(false)
    .configureHelp({ minWidthToWrap: 20 })
    .configureOutput({
      writeOut: (text) => void printed.push(text),
      writeErr: (text) => void printed.push(text),
      outputError: () => undefined,
      getOutHelpWidth: () => io.columns,
      getErrHelpWidth: () => io.columns,
    });
}

function addCommand(
  program: Command,
  parents: ReadonlyMap<string, Command>,
  spec: CommandSpec,
  io: Io,
  printed: string[],
  execute: (run: () => Promise<Outcome>) => Promise<void>,
): void {
  const [first = "", ...rest] = spec.usage.split(" ");
  const parent = parents.get(first);
  const usage = parent === undefined ? spec.usage : rest.join(" ");
  const command = configure((parent ?? program).command(usage), io, printed).description(spec.summary);
  if (spec.isProtocol !== true) command.option("--json", "print one JSON document");
  for (const flag of spec.flags ?? []) addFlag(command, flag);
  command.addHelpText("after", () => {
    const lines = spec.examples.map((line) => `  ${typeable(io, line)}`);
    return `\nExamples:\n${lines.join("\n")}`;
  });
  command.action(async (...given: unknown[]) => {
    const options = command.opts() as Options;
    const args = given
      .slice(0, -2)
      .flat()
      .filter((value): value is string => typeof value === "string");
    await execute(async () => (await spec.load())(io, args, options));
  });
}

function addFlag(command: Command, flag: Flag): void {
  if (flag.repeatable !== true) {
    command.option(flag.flags, flag.summary);
    return;
  }
  const collect = (value: string, previous: readonly string[] | undefined) => [...(previous ?? []), value];
  command.option(flag.flags, `${flag.summary} (repeatable)`, collect);
}
