import type { AgentEvent, AgentReport } from "../../agent/agent-report.ts";
import { type Budget, DEFAULT_BUDGET } from "../../agent/loop/budget.ts";
import { isModelApi } from "../../agent/providers/open-provider.ts";
import { runAgentSession } from "../../agent/run-session.ts";
import { Exit, type ExitCode } from "../../errors.ts";
import { VERSION } from "../../platform/version.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { firstRole, loadProject, type Project } from "../../project/project.ts";
import { shortenEvent } from "../../ui/session-log.ts";
import { agentProgram } from "../agent-program.ts";
import { flagOption, type Options, textOption } from "../command.ts";
import { onInterrupt } from "../interrupts.ts";
import type { Io } from "../io.ts";
import { formatJsonLine } from "../json.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { typeable } from "../program-name.ts";
import { styleFor } from "../style.ts";
import { positiveNumber, wholeNumber } from "../values.ts";

export async function runSessionRun(io: Io, _args: readonly string[], options: Options): Promise<Outcome> {
  const project = loadProject(findProjectRoot(io.cwd));
  const budget = readBudget(options);
  const watch = await openWatch(io, project, options, budget);
  const stop = new AbortController();
  const stopListening = onInterrupt(() => stop.abort(new Error("interrupted")));
  try {
    const report = await runAgentSession(project, textOption(options, "role"), io.context, watch.tell, {
      budget,
      tool: `vibeops ${VERSION}`,
      program: agentProgram(io.context.env),
      headless: flagOption(options, "json"),
      fresh: flagOption(options, "fresh"),
      signal: stop.signal,
    });
    watch.close();
    return outcome(report, typeable(io, summarize(report)), exitOf(report));
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    return outcome({ interrupted: true }, "interrupted; run it again to go on", Exit.interrupted);
  } finally {
    watch.close();
    stopListening();
  }
}

function readBudget(options: Options): Budget {
  const turns = textOption(options, "turns");
  const tokens = textOption(options, "tokens");
  const minutes = textOption(options, "minutes");
  const money = textOption(options, "money");
  return {
    turns: turns === undefined ? DEFAULT_BUDGET.turns : wholeNumber("turns", turns, 1),
    tokens: tokens === undefined ? undefined : wholeNumber("tokens", tokens, 1),
    minutes: minutes === undefined ? undefined : positiveNumber("minutes", minutes),
    money: money === undefined ? undefined : positiveNumber("money", money),
  };
}

interface Watch {
  readonly tell: (event: AgentEvent) => void;
  /** May be called again. */
  readonly close: () => void;
}

/** A screen for a person at a terminal who waits for a model; lines elsewhere, and of JSON where that is asked. */
async function openWatch(io: Io, project: Project, options: Options, budget: Budget): Promise<Watch> {
  const close = () => undefined;
  if (flagOption(options, "json")) return { tell: tellAsJson(io), close };
  const role = textOption(options, "role") ?? firstRole(project);
  const provider = project.config.agents[role]?.provider ?? "";
  if (!io.isInteractive || io.context.env.TERM === "dumb" || !isModelApi(provider)) {
    return { tell: tellAsText(io), close };
  }
  const { openSessionScreen } = await import("../../ui/session-screen.tsx");
  return openSessionScreen({
    stdout: io.stdout,
    hasColour: io.hasColour,
    heading: `${role}@${project.name} by ${provider}`,
    budget,
    now: io.context.now,
  });
}

/** A line of JSON for each thing that happens, apart from the one document on standard output. */
function tellAsJson(io: Io): (event: AgentEvent) => void {
  return (event) => void io.stderr.write(`${formatJsonLine(event)}\n`);
}

/** What a model says runs on; all else begins a line of its own. */
function tellAsText(io: Io): (event: AgentEvent) => void {
  const style = styleFor(io);
  let isSaying = false;
  return ({ kind, text }) => {
    if (kind === "say") {
      io.stdout.write(text);
      isSaying = true;
      return;
    }
    io.stdout.write(
      `${isSaying ? "\n" : ""}${style.cyan(kind.padEnd(8))} ${typeable(io, shortenEvent(text))}\n`,
    );
    isSaying = false;
  };
}

function summarize({ model }: AgentReport): string {
  if (model === undefined) return "";
  const cost = model.cost === null ? "" : `, ${model.cost.toFixed(4)} by the prices in vibeops.yaml`;
  return [
    `${model.turns} turns, ${model.usage.input} tokens in (${model.usage.cached} from a cache), ${model.usage.output} out${cost}`,
    ...model.questions.map((question) => `question for you: ${question}`),
    `transcript: ${model.transcript}`,
  ].join("\n");
}

/** Six where a person goes on, eight where the model would not. */
function exitOf({ model }: AgentReport): ExitCode {
  if (model === undefined || model.ended === "done") return Exit.ok;
  return model.ended === "refused" ? Exit.provider : Exit.humanNeeded;
}
