import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import {
  CallToolRequestSchema,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListToolsRequestSchema,
  ReadResourceRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { toolsFor } from "../agent/tools/all-tools.ts";
import { callTool } from "../agent/tools/call-tool.ts";
import { inputSchema, type Tool, type ToolContext } from "../agent/tools/tool.ts";
import { trailersOf } from "../agent/trailers.ts";
import { untrustedRule } from "../agent/untrusted.ts";
import type { Context } from "../platform/context.ts";
import { loadProject } from "../project/project.ts";
import { readRole } from "../project/role.ts";
import { makeVisible } from "../text/visible.ts";
import { getPrompt, prompts } from "./prompts.ts";
import { answerRequest } from "./protocol-error.ts";
import { listResources, readResource } from "./resources.ts";

export interface McpOptions {
  /** The project's folder; read again for each request, since it may change while a client is connected. */
  readonly root: string;
  readonly role: string;
  readonly version: string;
}

/** Of what a client calls itself. */
const MOST_CHARACTERS = 100;

/**
 * The tools of an agent, its project's memos and runbooks, and the two ends of a session, for any MCP client. Whoever
 * starts it decides the role; the client's name goes into the commits.
 */
export function createServer({ root, role, version }: McpOptions, context: Context): Server {
  const boundary = Buffer.from(context.randomBytes(8)).toString("hex");
  const server = new Server(
    { name: "vibeops", version },
    { capabilities: { tools: {}, resources: {}, prompts: {} }, instructions: untrustedRule(boundary) },
  );
  const caller = (signal: AbortSignal): ToolContext => {
    const project = loadProject(root);
    const client = server.getClientVersion();
    const named = `${client?.name ?? ""} ${client?.version ?? ""}`.trim().slice(0, MOST_CHARACTERS);
    // It stands in trailers and in front matter, each a line.
    const tool = makeVisible(named, { newlines: false }) || "an MCP client";
    const agent = { address: `${role}@${project.name}`, tool, model: null };
    const { writes } = readRole(context, project, role);
    const traced = { ...context, trailers: trailersOf(agent) };
    return { project, role, writes, boundary, agent, context: traced, signal };
  };
  const oneByOne = queue();
  // What a client cancels ends where it is; what it cancels before its turn never begins.
  const inTurn = <T>(signal: AbortSignal, act: (asks: ToolContext) => Promise<T>) =>
    oneByOne(async () => {
      signal.throwIfAborted();
      return await act(caller(signal));
    });
  server.setRequestHandler(ListToolsRequestSchema, () => {
    return answerRequest(() => ({ tools: toolsFor(loadProject(root)).map(describeTool) }));
  });
  server.setRequestHandler(CallToolRequestSchema, ({ params }, { signal }) => {
    const answer = (asks: ToolContext) =>
      callTool(toolsFor(asks.project), params.name, params.arguments ?? {}, asks);
    return answerRequest(async () => {
      const asked = caller(signal);
      const { text, isError } = await (isReader(params.name, asked) ? answer(asked) : inTurn(signal, answer));
      return { content: [{ type: "text", text }], ...(isError ? { isError } : {}) };
    });
  });
  server.setRequestHandler(ListResourcesRequestSchema, () => {
    return answerRequest(() => ({ resources: listResources(root, context) }));
  });
  server.setRequestHandler(ReadResourceRequestSchema, ({ params }) => {
    return answerRequest(() => ({ contents: [readResource(root, context, boundary, params.uri)] }));
  });
  server.setRequestHandler(ListPromptsRequestSchema, () => ({ prompts }));
  server.setRequestHandler(GetPromptRequestSchema, ({ params }, { signal }) => {
    const answer = (asks: ToolContext) => getPrompt(params.name, params.arguments ?? {}, asks);
    return answerRequest(() => inTurn(signal, answer));
  });
  return server;
}

function describeTool(tool: Tool) {
  return {
    name: tool.name,
    description: tool.description,
    inputSchema: { ...inputSchema(tool), type: "object" as const },
    annotations: {
      readOnlyHint: tool.readOnly,
      destructiveHint: tool.destructive ?? false,
      openWorldHint: false,
    },
  };
}

function isReader(name: string, { project }: ToolContext): boolean {
  return toolsFor(project).find((tool) => tool.name === name)?.readOnly === true;
}

/** A client may ask for several changes at once: each begins when the one before has ended, and is a commit of its own. */
function queue(): <T>(act: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const next = last.then(act, act);
    last = next.catch(() => undefined);
    return next;
  };
}
