import { Command, CommanderError } from "commander";
import { Exit, type ExitCode } from "../errors.ts";
import type { CommandSpec, Flag, Options } from "./command.ts";
import { commands, groups } from "./commands.ts";
import type { Io } from "./io.ts";
import { formatJson } from "./json.ts";
import type { Outcome } from "./outcome.ts";
import { renderError, reportError } from "./render-error.ts";
import { VERSION } from "./version.ts";

/** Runs one command line to its end and returns the exit code. Nothing else sets it. */
export async function runCli(argv: readonly string[], io: Io): Promise<ExitCode> {
  const wantsJson = argv.includes("--json");
  let exit: ExitCode = Exit.ok;
  const program = buildProgram(argv, io, wantsJson, async (run) => {
    exit = await finish(run, io, wantsJson);
  });
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError) return usageExit(error, io, wantsJson);
    return failWith(error, io, wantsJson);
  }
}

async function finish(run: () => Promise<Outcome>, io: Io, wantsJson: boolean): Promise<ExitCode> {
  try {
    const result = await run();
    const exit = result.exit ?? Exit.ok;
    if (wantsJson) io.stdout.write(`${formatJson({ ok: exit === Exit.ok, result: result.data })}\n`);
    else if (result.text !== "") io.stdout.write(`${result.text}\n`);
    return exit;
  } catch (error) {
    return failWith(error, io, wantsJson);
  }
}

function failWith(error: unknown, io: Io, wantsJson: boolean): ExitCode {
  const { exit, ...report } = reportError(error, io.cwd);
  if (wantsJson) io.stdout.write(`${formatJson({ ok: false, error: report })}\n`);
  else io.stderr.write(`${renderError({ ...report, exit }, io)}\n`);
  if (io.context.env.VIBEOPS_DEBUG && error instanceof Error) io.stderr.write(`${error.stack}\n`);
  return exit;
}

/** commander has written its message already; help and version are no errors. */
function usageExit(error: CommanderError, io: Io, wantsJson: boolean): ExitCode {
  if (error.exitCode === 0) return Exit.ok;
  if (wantsJson) {
    const message = error.message.replace(/^error: /, "");
    const fix = "see: vibeops --help";
    io.stdout.write(`${formatJson({ ok: false, error: { code: "usage", message, fix } })}\n`);
  }
  return Exit.usage;
}

function buildProgram(
  argv: readonly string[],
  io: Io,
  wantsJson: boolean,
  execute: (run: () => Promise<Outcome>) => Promise<void>,
): Command {
  const program = configure(new Command("vibeops"), io, wantsJson)
    .description(
      "AI agents prepare; a human decides and carries out. Memos, runbooks, approvals, and a trail in git.",
    )
    .version(VERSION, "-V, --version", "print the version")
    .addHelpText("after", "\nStart here: vibeops demo     Every command has --help with examples.");
  const parents = new Map<string, Command>();
  for (const [name, summary] of Object.entries(groups)) {
    parents.set(name, configure(program.command(name).description(summary), io, wantsJson));
  }
  for (const spec of relevantCommands(argv)) addCommand(program, parents, spec, io, wantsJson, execute);
  return program;
}

/** The one that the first words name; else those of its group, or all of them, for help and for the nearest name. */
function relevantCommands(argv: readonly string[]): readonly CommandSpec[] {
  const inGroup = commands.filter((spec) => spec.usage.split(" ", 1)[0] === argv[0]);
  const named = inGroup.filter((spec) => spec.usage.split(" ", 2)[1] === argv[1]);
  if (named.length > 0) return named;
  return inGroup.length > 0 ? inGroup : commands;
}

function configure(command: Command, io: Io, wantsJson: boolean): Command {
  return command
    .exitOverride()
    .showHelpAfterError(wantsJson ? false : "(--help shows how)")
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => (wantsJson ? undefined : io.stderr.write(text)),
      getOutHelpWidth: () => io.columns,
      getErrHelpWidth: () => io.columns,
    });
}

function addCommand(
  program: Command,
  parents: ReadonlyMap<string, Command>,
  spec: CommandSpec,
  io: Io,
  wantsJson: boolean,
  execute: (run: () => Promise<Outcome>) => Promise<void>,
): void {
  const [first = "", ...rest] = spec.usage.split(" ");
  const parent = parents.get(first);
  const usage = parent === undefined ? spec.usage : rest.join(" ");
  const command = configure((parent ?? program).command(usage), io, wantsJson)
    .description(spec.summary)
    .option("--json", "print one JSON document");
  for (const flag of spec.flags ?? []) addFlag(command, flag);
  command.addHelpText("after", `\nExamples:\n${spec.examples.map((line) => `  ${line}`).join("\n")}`);
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
