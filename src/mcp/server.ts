import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import {
  CallToolRequestSchema,
  type CallToolResult,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListToolsRequestSchema,
  ReadResourceRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { toolsFor } from "../agent/tools/all-tools.ts";
import { inputSchema, type Tool, type ToolContext } from "../agent/tools/tool.ts";
import { trailersOf } from "../agent/trailers.ts";
import { untrustedRule } from "../agent/untrusted.ts";
import { VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { loadProject } from "../project/project.ts";
import { readRole } from "../project/role.ts";
import { getPrompt, prompts } from "./prompts.ts";
import { answerRequest } from "./protocol-error.ts";
import { listResources, readResource } from "./resources.ts";

export interface McpOptions {
  /** The project's folder; read again for each request, since it may change while a client is connected. */
  readonly root: string;
  readonly role: string;
  readonly version: string;
}

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
  const caller = (): ToolContext => {
    const project = loadProject(root);
    const client = server.getClientVersion();
    const tool = client === undefined ? "an MCP client" : `${client.name} ${client.version}`;
    const agent = { address: `${role}@${project.name}`, tool, model: null };
    const { writes } = readRole(context, project, role);
    return { project, role, writes, boundary, agent, context: { ...context, trailers: trailersOf(agent) } };
  };
  server.setRequestHandler(ListToolsRequestSchema, () => {
    return { tools: toolsFor(loadProject(root)).map(describeTool) };
  });
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    return await callTool(params.name, params.arguments ?? {}, caller());
  });
  server.setRequestHandler(ListResourcesRequestSchema, () => ({ resources: listResources(root, context) }));
  server.setRequestHandler(ReadResourceRequestSchema, ({ params }) => {
    return answerRequest(() => ({ contents: [readResource(root, context, boundary, params.uri)] }));
  });
  server.setRequestHandler(ListPromptsRequestSchema, () => ({ prompts }));
  server.setRequestHandler(GetPromptRequestSchema, async ({ params }) => {
    return await answerRequest(() => getPrompt(params.name, params.arguments ?? {}, caller()));
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

async function callTool(name: string, input: unknown, caller: ToolContext): Promise<CallToolResult> {
  const failed = (text: string): CallToolResult => ({ isError: true, content: [{ type: "text", text }] });
  const tool = toolsFor(caller.project).find((one) => one.name === name);
  if (tool === undefined) return failed(`there is no tool ${name}`);
  const parsed = tool.input.safeParse(input);
  if (!parsed.success) return failed(`the arguments do not fit; nothing was done: ${parsed.error.message}`);
  try {
    const { text } = await tool.run(parsed.data, caller);
    return { content: [{ type: "text", text }] };
  } catch (error) {
    if (!(error instanceof VibeopsError)) throw error;
    return failed(error.fix === undefined ? error.message : `${error.message}\nto mend it: ${error.fix}`);
  }
}
