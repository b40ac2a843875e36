import type { AgentIdentity } from "./tools/tool.ts";

/** What each commit of an agent ends with: who it was, by which program and model. */
export function trailersOf({ address, tool, model }: AgentIdentity): string[] {
  return [`Agent: ${address}`, `Agent-Tool: ${tool}`, ...(model === null ? [] : [`Agent-Model: ${model}`])];
}
