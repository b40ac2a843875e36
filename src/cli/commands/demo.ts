import { mkdirSync, rmSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { Exit, VibeopsError } from "../../errors.ts";
import { loadProject } from "../../project/project.ts";
import { listRunbooks, type RunbookState } from "../../runbook/store.ts";
import { makeVisible } from "../../text/visible.ts";
import { flagOption, type Options } from "../command.ts";
import { lookAtService, type NextStep, nextSteps } from "../demo/next-steps.ts";
import { findDemo, finishDemo, type PlayedDemo, whoIsTold } from "../demo/played.ts";
import { isFree, stopService } from "../demo/service.ts";
import { playStory, type Teller } from "../demo/story.ts";
import { makeWorkspace } from "../demo/workspace.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { programName, typeable } from "../program-name.ts";
import { styleFor } from "../style.ts";

export async function runDemo(io: Io, args: readonly string[], options: Options): Promise<Outcome> {
  const directory = resolve(io.cwd, args[0] ?? "vibeops-demo");
  const found = findDemo(directory);
  if (found !== "none" && flagOption(options, "fresh")) {
    await stopService(directory, io.context);
    rmSync(directory, { recursive: true, force: true });
  } else if (found === "unfinished") throw cutOff(directory, args);
  else if (found !== "none") return await resume(io, directory, found, args);
  mkdirSync(directory, { recursive: true });
  const space = await makeWorkspace(directory, io.context);
  const teller = flagOption(options, "json") ? silentTeller : printingTeller(io);
  const { runbook } = await playStory(space, io.context, teller);
  const played = { runbook, port: space.port };
  finishDemo(directory, played);
  const steps = stepsFrom(io, directory, played, "draft");
  const head = "6. From here on a person decides. Nothing has run yet. Type:";
  return outcome(
    { directory, ...played, state: "draft", next: steps.map(({ command }) => command) },
    `\n${styleFor(io).bold(head)}\n${renderSteps(io, steps)}`,
  );
}

/** A demo that stands here already: where it stands, and how it goes on. */
async function resume(
  io: Io,
  directory: string,
  played: PlayedDemo,
  args: readonly string[],
): Promise<Outcome> {
  const infra = loadProject(join(directory, "infra"));
  const state =
    (await listRunbooks(infra, io.context)).find(({ id }) => id === played.runbook)?.state ?? "broken";
  const steps = stepsFrom(io, directory, played, state);
  const folder = makeVisible(relative(io.cwd, directory) || ".", { newlines: false });
  const again = typeable(io, `vibeops demo${args[0] === undefined ? "" : ` '${args[0]}'`} --fresh`);
  const lines = [
    styleFor(io).bold(`The demo was played in ${folder} before. Its runbook: ${WORDS[state]}.`),
    ...(await portWarning(played.port, state, again)),
    ...(steps.length === 0
      ? ["The story is at its end, and everybody knows. As long as it runs:"]
      : ["It goes on with:"]),
    renderSteps(io, steps.length === 0 ? [lookAtService(played.port)] : steps),
    "",
    `To begin again (this ends its service and deletes the folder): ${again}`,
  ];
  return outcome(
    { directory, ...played, state, next: steps.map(({ command }) => command) },
    lines.join("\n"),
  );
}

const WORDS: Readonly<Record<RunbookState, string>> = {
  draft: "nobody has approved it yet",
  rejected: "it was rejected",
  broken: "it cannot be read any more",
  "part-approved": "approved, and not by as many as its policy wants",
  approved: "approved, and not run yet",
  running: "its walk was begun and has not come to its end",
  walked: "carried out, and not verified yet",
  verified: "verified, and not closed yet",
  closed: "closed",
  unverified: "it has a seal that nobody listed here signed",
};

/** The port was free when the demo was made; nothing keeps it free until a person gets there. */
async function portWarning(port: number, state: RunbookState, again: string): Promise<string[]> {
  if (!["draft", "rejected", "part-approved", "approved"].includes(state) || (await isFree(port))) return [];
  return [`Port ${port}, which its service wants, is in use by now: free it, or begin again: ${again}`];
}

function cutOff(directory: string, args: readonly string[]): VibeopsError {
  return new VibeopsError({
    code: "demo.unfinished",
    exit: Exit.conflict,
    message: "a demo was begun here and cut off before a person could decide anything",
    file: directory,
    fix: `begin again: vibeops demo${args[0] === undefined ? "" : ` '${args[0]}'`} --fresh`,
  });
}

function stepsFrom(
  io: Io,
  directory: string,
  { runbook, port }: PlayedDemo,
  state: RunbookState,
): NextStep[] {
  const infra = join(directory, "infra");
  const program = programName({ context: io.context, cwd: infra });
  const told = whoIsTold(directory, io.context.now());
  return nextSteps({ program, folder: relative(io.cwd, infra) || ".", runbook, state, port, told });
}

const silentTeller: Teller = { heading: () => undefined, line: () => undefined, excerpt: () => undefined };

function printingTeller(io: Io): Teller {
  const style = styleFor(io);
  return {
    heading: (text) => void io.stdout.write(`\n${style.bold(text)}\n`),
    line: (text) => void io.stdout.write(`  ${typeable(io, text)}\n`),
    excerpt: (title, text, lines) => {
      const all = makeVisible(text.trimEnd()).split("\n");
      const shown = all.slice(0, lines).map((line) => style.dim(`  │ ${line}`));
      if (all.length > lines) shown.push(style.dim(`  │ … ${all.length - lines} more lines`));
      io.stdout.write(`  ${style.cyan(title)}\n${shown.join("\n")}\n`);
    },
  };
}

/** Command and meaning side by side; where that does not fit, the meaning stands above. */
function renderSteps(io: Io, steps: readonly NextStep[]): string {
  const style = styleFor(io);
  const width = Math.max(...steps.map(({ command }) => command.length)) + 2;
  const fits = steps.every(({ what }) => 2 + width + what.length + 2 <= io.columns);
  return steps
    .map(({ command, what }) => {
      if (what === "") return `  ${command}`;
      const comment = style.dim(`# ${what}`);
      return fits ? `  ${command.padEnd(width)}${comment}` : `  ${comment}\n  ${command}`;
    })
    .join("\n");
}
