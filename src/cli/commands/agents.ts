import type { CommandSpec } from "../command.ts";

export const agentsCommands: readonly CommandSpec[] = [
  {
    usage: "agents add <vendor>",
    summary:
      "write an agent CLI's own configuration: brief, guard, deny rules, MCP server; nothing is overwritten",
    flags: [{ flags: "--dry-run", summary: "show the lines, write nothing" }],
    examples: ["vibeops agents add claude", "vibeops agents add codex --dry-run"],
    load: async () => (await import("./agents-change.ts")).runAgentsAdd,
  },
  {
    usage: "agents remove <vendor>",
    summary: "take away just what `agents add` wrote",
    flags: [{ flags: "--dry-run", summary: "show the lines, write nothing" }],
    examples: ["vibeops agents remove gemini"],
    load: async () => (await import("./agents-change.ts")).runAgentsRemove,
  },
  {
    usage: "agents list",
    summary: "the agent CLIs, and which of them this project is set up for",
    examples: ["vibeops agents list", "vibeops agents list --json"],
    load: async () => (await import("./agents-list.ts")).runAgentsList,
  },
  {
    usage: "guard",
    summary:
      "the answer to an agent CLI's hook before a tool runs; reads the hook's JSON from standard input",
    isProtocol: true,
    flags: [{ flags: "--hook <vendor>", summary: "claude, codex or gemini" }],
    examples: ["vibeops guard --hook claude"],
    load: async () => (await import("./guard.ts")).runGuard,
  },
];
