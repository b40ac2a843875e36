import * as z from "zod/mini";
import type { Context } from "../../platform/context.ts";
import type { Project } from "../../project/project.ts";

/** Who calls a tool, and where. */
export interface ToolContext {
  readonly project: Project;
  readonly role: string;
  /** Folders and files that the role may write, as patterns below the project: `deploy/**`. */
  readonly writes: readonly string[];
  readonly context: Context;
  /** Of this session, for `markUntrusted`. */
  readonly boundary: string;
  /** Who did it, for the trailers of commits. */
  readonly agent: AgentIdentity;
  readonly signal?: AbortSignal | undefined;
}

/** Which agent, by which program and model. */
export interface AgentIdentity {
  /** `sysadmin@infra` */
  readonly address: string;
  /** The program: `vibeops 1.2.0`, or the MCP client's name and version. */
  readonly tool: string;
  /** As the vendor writes it; null where nobody said. */
  readonly model: string | null;
}

/** What a tool answers. */
interface ToolAnswer {
  /** For the model; what others wrote stands in it as `markUntrusted` marks it. */
  readonly text: string;
  /** One line for the person who watches. */
  readonly said: string;
}

/** Something that an agent can do: the same for our own loop and for MCP clients. */
export interface Tool<Input = unknown> {
  readonly name: string;
  /** For the model: what it does, when to use it, what it does not do. */
  readonly description: string;
  readonly input: z.ZodMiniType<Input>;
  /** Whether it changes nothing. */
  readonly readOnly: boolean;
  /** Whether it may change what stood there before, for clients that ask a person then. */
  readonly destructive?: boolean;
  /** @throws VibeopsError for whatever the model can mend */
  run(input: Input, caller: ToolContext): Promise<ToolAnswer>;
}

/** Keeps the input's type between a tool's schema and its `run`, and forgets it for the list of all tools. */
export function defineTool<Input>(tool: Tool<Input>): Tool {
  return { ...tool, run: (input, caller) => tool.run(tool.input.parse(input), caller) };
}

/** A tool's input as JSON Schema, as models and MCP clients want it. */
export function inputSchema(tool: Tool): Record<string, unknown> {
  const { $schema: _, ...schema } = z.toJSONSchema(tool.input, { io: "input" });
  return schema;
}
