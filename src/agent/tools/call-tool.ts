import { VibeopsError } from "../../errors.ts";
import { describeSystemError } from "../../platform/system-error.ts";
import { makeVisible } from "../../text/visible.ts";
import type { Tool, ToolContext } from "./tool.ts";

/** What calling a tool came to: for the model, and in a line for the person who watches. */
export interface ToolOutcome {
  readonly text: string;
  readonly said: string;
  readonly isError: boolean;
}

/**
 * Calls a tool by its name with whatever a model sent as its arguments. What the model or the machine did wrong is an
 * answer that says so: one bad path must not end a session.
 *
 * @throws whatever the caller's signal was aborted with, and what only a defect of ours throws
 */
export async function callTool(
  tools: readonly Tool[],
  name: string,
  input: unknown,
  caller: ToolContext,
): Promise<ToolOutcome> {
  const tool = tools.find((one) => one.name === name);
  if (tool === undefined) {
    return failed(
      `there is no tool ${makeVisible(name.slice(0, 100), { newlines: false })}; nothing was done`,
    );
  }
  const parsed = tool.input.safeParse(input);
  if (!parsed.success) return failed(`the arguments do not fit; nothing was done: ${parsed.error.message}`);
  try {
    return { ...(await tool.run(parsed.data, caller)), isError: false };
  } catch (error) {
    if (error instanceof VibeopsError) return failed(describe(error));
    const refused = describeSystemError(error);
    if (refused === null) throw error;
    return failed(`the system refused it: ${makeVisible(refused.message, { newlines: false })}`);
  }
}

export function failed(text: string): ToolOutcome {
  return { text, said: text.split("\n", 1)[0] ?? "", isError: true };
}

function describe({ message, file, line, fix }: VibeopsError): string {
  const place = file === undefined ? "" : ` (${file}${line === undefined ? "" : `:${line}`})`;
  return `${message}${place}${fix === undefined ? "" : `\nto mend it: ${fix}`}`;
}
