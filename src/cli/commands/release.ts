import type { CommandSpec } from "../command.ts";

export const releaseCommands: readonly CommandSpec[] = [
  {
    usage: "impact [services...]",
    summary:
      "which services a change touches, which others on which hosts depend on them, and what of each is in reach, each fact with its place; what is not known is said so",
    flags: [
      {
        flags: "--since <revision>",
        summary: "what changed since that commit; by default what is not committed",
      },
    ],
    examples: [
      "vibeops impact",
      "vibeops impact --since v1.2.0",
      "vibeops impact postgres shop",
      "vibeops impact --since origin/main --json",
    ],
    load: async () => (await import("./impact.ts")).runImpact,
  },
];
