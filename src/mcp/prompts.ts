import type { ToolContext } from "../agent/tools/tool.ts";
import { markUntrusted } from "../agent/untrusted.ts";
import { Exit, VibeopsError } from "../errors.ts";
import { readRole } from "../project/role.ts";
import { pendingRunbooks } from "../runbook/pending-runbooks.ts";
import { endSession } from "../session/end.ts";
import { startSession } from "../session/start.ts";
import { counted } from "../text/counted.ts";

/** The two ends of a session, for clients that offer prompts to a person. */
export const prompts = [
  { name: "session_start", description: "Takes in mail and begins a session: the role, and the brief." },
  {
    name: "session_end",
    description: "Ends the session: commits the hand-over note and names what is unfinished.",
    arguments: [{ name: "note", description: "what is done, what is not, what comes first", required: true }],
  },
];

/** @throws VibeopsError `prompt.missing`, and what starting or ending a session throws */
export async function getPrompt(name: string, input: Readonly<Record<string, string>>, caller: ToolContext) {
  const text = await textOf(name, input, caller);
  return { messages: [{ role: "user" as const, content: { type: "text" as const, text } }] };
}

async function textOf(
  name: string,
  { note }: Readonly<Record<string, string>>,
  { project, role, context, boundary }: ToolContext,
): Promise<string> {
  if (name === "session_start") {
    const { brief } = await startSession(project, context, { pendingRunbooks });
    return `${readRole(context, project, role).text}\n\n${markUntrusted(boundary, "the brief", brief)}`;
  }
  if (name === "session_end") {
    const { unfinished, uncommitted } = await endSession(project, { note }, context).catch(askForNote);
    return `The session has ended. Unfinished: ${counted(unfinished.length, "memo")}. Not committed: ${counted(uncommitted.length, "file")}.`;
  }
  throw new VibeopsError({
    code: "prompt.missing",
    exit: Exit.notFound,
    message: "there is no such prompt",
    fix: `one of: ${prompts.map((prompt) => prompt.name).join(", ")}`,
  });
}

/** The same refusal in the words of whoever fills in a prompt. A note that stands in STATE.md already is one. */
function askForNote(error: unknown): never {
  if (!(error instanceof VibeopsError) || error.code !== "session.note") throw error;
  const { code, exit, message } = error;
  const fix = "give the argument 'note': what is done, what is not, what comes first";
  throw new VibeopsError({ code, exit, message, fix });
}
