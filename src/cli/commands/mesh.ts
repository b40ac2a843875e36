import type { CommandSpec } from "../command.ts";

export const meshCommands: readonly CommandSpec[] = [
  {
    usage: "sync [peers...]",
    summary: "exchange memos with peers on other machines, over git; says what went, what waits and why",
    flags: [{ flags: "--dry-run", summary: "look at the remotes and say what would be done; write nothing" }],
    examples: ["vibeops sync", "vibeops sync infra --json", "vibeops sync --dry-run"],
    load: async () => (await import("./sync.ts")).runSync,
  },
];
