import type { Context } from "../platform/context.ts";
import { newId } from "../platform/ids.ts";
import type { Project } from "../project/project.ts";
import { readRole } from "../project/role.ts";
import { templateText } from "../project/templates.ts";
import { pendingRunbooks } from "../runbook/pending-runbooks.ts";
import { endSession } from "../session/end.ts";
import { listQuestions } from "../session/questions.ts";
import { startSession } from "../session/start.ts";
import { counted } from "../text/counted.ts";
import { redactSecrets } from "../text/secrets.ts";
import { renderTemplate } from "../text/template.ts";
import { makeVisible, quoteUntrusted } from "../text/visible.ts";
import type { AgentReport, ModelFacts, Tell } from "./agent-report.ts";
import { type Budget, costOf, type Price } from "./loop/budget.ts";
import { type LoopEvent, type LoopReport, type LoopStart, runLoop } from "./loop/run-loop.ts";
import { findCutOff, type TranscriptStart, TranscriptWriter } from "./loop/transcript.ts";
import { pendingFor } from "./pending-for.ts";
import { openProvider } from "./providers/open-provider.ts";
import type { Message, Provider } from "./providers/provider.ts";
import { ProviderError } from "./providers/provider-error.ts";
import { toolsFor } from "./tools/all-tools.ts";
import { trailersOf } from "./trailers.ts";
import { markUntrusted, untrustedRule } from "./untrusted.ts";

export interface ModelSessionOptions {
  readonly budget: Budget;
  /** `vibeops 1.2.0` */
  readonly tool: string;
  /** Begin anew, though the conversation before was cut off. */
  readonly fresh?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * One session of an agent behind a model API: brief, model, tools, until the memos are done, the budget is spent or a
 * person is needed; then the hand-over. A session that was cut off goes on where it stopped, where the same model
 * still plays the role.
 *
 * @throws VibeopsError what opening the provider throws; ProviderError; whatever `signal` was aborted with
 */
export async function runModelSession(
  project: Project,
  role: string,
  given: Context,
  tell: Tell,
  options: ModelSessionOptions,
): Promise<AgentReport> {
  const provider = await openProvider(project, role, given.env);
  const agent = { address: `${role}@${project.name}`, tool: options.tool, model: provider.model };
  const context = { ...given, trailers: trailersOf(agent) };
  const { brief, facts } = await startSession(project, context, { pendingRunbooks });
  const conversation = options.fresh === true ? null : resume(project, role, provider);
  const { id, start, begun, added } = conversation ?? begin(project, role, provider, context, brief);
  const memos = pendingFor(project, role, context);
  tell({
    kind: "brief",
    text: `${memos.length} pending for ${role}, ${counted(facts.warnings.length, "warning")}`,
  });
  if (conversation !== null)
    tell({ kind: "brief", text: `goes on where it was cut off: turn ${begun.turns + 1}` });
  const transcript = new TranscriptWriter(project.root, id);
  try {
    if (conversation === null) transcript.write(start);
    for (const message of added)
      transcript.write({ kind: "message", time: context.now().toISOString(), message });
    const report = await runLoop(
      {
        provider,
        system: start.system,
        tools: toolsFor(project),
        caller: {
          project,
          role,
          writes: readRole(context, project, role).writes,
          context,
          boundary: start.boundary,
          agent,
          signal: options.signal,
        },
        budget: options.budget,
        price: priceOf(project, role),
        maxTokens: project.config.agents[role]?.max_tokens,
        transcript,
        tell: (event) => show(event, tell, priceOf(project, role)),
        signal: options.signal,
        whatIsLeft: () => whatIsLeft(project, role, context, start.boundary),
        whatWaits: () => {
          const { length } = listQuestions(project.root);
          return length === 0 ? null : `${length} open questions for a person`;
        },
      },
      begun,
    ).catch((error: unknown) => giveUp(error, transcript, context));
    const left = pendingFor(project, role, context).map(({ memo }) => {
      return { id: memo.id, subject: memo.subject, why: report.why };
    });
    const model: ModelFacts = {
      model: provider.model,
      ended: report.ended,
      questions: listQuestions(project.root),
      turns: report.turns,
      usage: report.usage,
      cost: costOf(report.usage, priceOf(project, role)),
      transcript: transcript.path,
    };
    const { commit } = await endSession(
      project,
      { note: handover(role, provider, report, model, left) },
      context,
    );
    transcript.write({ kind: "end", time: context.now().toISOString(), ended: report.ended });
    tell({ kind: "end", text: `${report.why}; handed over` });
    return { role, provider: provider.name, events: [], left, commit, model };
  } finally {
    transcript.close();
  }
}

interface Conversation {
  readonly id: string;
  readonly start: TranscriptStart;
  readonly begun: LoopStart;
  /** What of it is in no transcript yet. */
  readonly added: readonly Message[];
}

/** The conversation that was cut off, where the same model may go on with it. */
function resume(project: Project, role: string, provider: Provider): Conversation | null {
  const found = findCutOff(project.root, role);
  if (found === null) return null;
  const { start, messages, usage, turns } = found.transcript;
  if (start.provider !== provider.name || start.model !== provider.model || messages.length === 0)
    return null;
  const last = messages.at(-1);
  const goOn = { role: "user" as const, text: "You were cut off. Go on." };
  const isOpen = last?.role === "assistant" && last.calls.length === 0;
  const added = isOpen ? [goOn] : [];
  return { id: found.id, start, begun: { messages: [...messages, ...added], usage, turns }, added };
}

/** A conversation that the provider refuses is refused again: the next session begins another. @throws what it is given */
function giveUp(error: unknown, transcript: TranscriptWriter, context: Context): never {
  const ended = error instanceof ProviderError && error.code === "provider.request" ? "refused" : null;
  if (ended !== null) transcript.write({ kind: "end", time: context.now().toISOString(), ended });
  throw error;
}

function begin(
  project: Project,
  role: string,
  provider: Provider,
  context: Context,
  brief: string,
): Conversation {
  const boundary = Buffer.from(context.randomBytes(8)).toString("hex");
  const { text, file } = templateText(context, project, "agent/system.md");
  const system = renderTemplate(
    text,
    {
      role,
      project: project.name,
      address: `${role}@${project.name}`,
      roleText: readRole(context, project, role).text,
      rule: untrustedRule(boundary),
    },
    file,
  );
  const start: TranscriptStart = {
    kind: "start",
    time: context.now().toISOString(),
    role,
    provider: provider.name,
    model: provider.model,
    system,
    boundary,
  };
  const first = markUntrusted(boundary, "the brief: names, subjects and notes that others wrote", brief);
  const left = whatIsLeft(project, role, context, boundary) ?? "Nothing is pending. Say so, and end.";
  const messages = [{ role: "user" as const, text: `${first}\n\n${left}` }];
  return {
    id: newId(context),
    start,
    begun: { messages, usage: { input: 0, output: 0, cached: 0 }, turns: 0 },
    added: messages,
  };
}

function whatIsLeft(project: Project, role: string, context: Context, boundary: string): string | null {
  const memos = pendingFor(project, role, context);
  if (memos.length === 0) return null;
  const lines = memos
    .slice(0, MOST_LISTED)
    .map(({ memo }) => `${memo.id}  ${memo.priority}  ${memo.type}  ${memo.subject}`);
  const more = memos.length - lines.length;
  return [
    `${counted(memos.length, "memo")} pending for you. Finish each with memo_done, or use ask_human for what keeps it.`,
    markUntrusted(boundary, "pending memos: id, priority, type, subject", lines.join("\n")),
    ...(more === 0 ? [] : [`${more} more, which are less urgent: memo_list`]),
  ].join("\n");
}

/** A full inbox is not read to a model again with each reminder. */
const MOST_LISTED = 50;

function priceOf(project: Project, role: string): Price | undefined {
  return project.config.agents[role]?.price;
}

function show(event: LoopEvent, tell: Tell, price: Price | undefined): void {
  const visible = (text: string) => makeVisible(text, { newlines: false });
  if (event.kind === "text") tell({ kind: "say", text: makeVisible(event.text) });
  else if (event.kind === "call")
    tell({ kind: "call", text: `${visible(event.tool)} ${visible(event.text)}` });
  else if (event.kind === "result")
    tell({ kind: event.isError ? "error" : "result", text: visible(event.text) });
  else if (event.kind === "retry")
    tell({ kind: "wait", text: `${visible(event.text)}; again in ${Math.ceil(event.waitMs / 1000)} s` });
  else
    tell({
      kind: "usage",
      text: `turn ${event.turns}: ${event.usage.input} tokens in, ${event.usage.output} out`,
      spent: { turns: event.turns, usage: event.usage, cost: costOf(event.usage, price) },
    });
}

function handover(
  role: string,
  provider: Provider,
  { why, lastWords }: LoopReport,
  { turns }: ModelFacts,
  left: AgentReport["left"],
): string {
  const quoted = makeVisible(redactSecrets(lastWords)).trim().split("\n").slice(0, 40);
  return [
    `${role} (${provider.name}, ${makeVisible(provider.model, { newlines: false })}) worked for ${turns} turns: ${why}.`,
    ...(left.length === 0 ? [] : ["", "Left:"]),
    ...left.map(({ id, subject }) => `- ${quoteUntrusted(subject)} (memo ${id})`),
    ...(lastWords === "" ? [] : ["", "It said at the end:", "", ...quoted.map((line) => `> ${line}`)]),
  ].join("\n");
}
