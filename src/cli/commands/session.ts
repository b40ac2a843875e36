import type { CommandSpec } from "../command.ts";

export const sessionCommands: readonly CommandSpec[] = [
  {
    usage: "session start",
    summary: "take in mail, send what waits, and print the brief; repeating it changes nothing more",
    flags: [
      { flags: "--budget <tokens>", summary: "how long the brief may be; 2000 by default" },
      { flags: "--hook <vendor>", summary: "answer the start hook of claude, codex or gemini" },
    ],
    examples: ["vibeops session start", "vibeops session start --budget 500", "vibeops session start --json"],
    load: async () => (await import("./session-start.ts")).runSessionStart,
  },
  {
    usage: "session run",
    summary:
      "let the project's agent work through the pending memos; `builtin` works by rule, without a key or network",
    flags: [
      { flags: "--role <role>", summary: "which of the project's agents; the first by default" },
      { flags: "--turns <n>", summary: "a model's turns at most; 60 by default" },
      { flags: "--tokens <n>", summary: "tokens at most, in and out together" },
      { flags: "--minutes <n>", summary: "minutes at most" },
      { flags: "--money <n>", summary: "at most so much by the prices in vibeops.yaml" },
      { flags: "--fresh", summary: "begin anew, though the last session was cut off" },
    ],
    examples: [
      "vibeops session run",
      "vibeops session run --role pm --json",
      "vibeops session run --turns 20 --minutes 15",
    ],
    load: async () => (await import("./session-run.ts")).runSessionRun,
  },
  {
    usage: "mcp",
    summary: "the tools of this project's agent for an MCP client, over standard input and output",
    isProtocol: true,
    flags: [{ flags: "--role <role>", summary: "which of the project's agents; the first by default" }],
    examples: ["vibeops mcp", "vibeops mcp --role sysadmin"],
    load: async () => (await import("./mcp.ts")).runMcp,
  },
  {
    usage: "session end",
    summary: "write the hand-over note into STATE.md, commit it, and name what is unfinished or uncommitted",
    flags: [
      {
        flags: "--note <text>",
        summary: "the hand-over; - reads standard input; without it $EDITOR opens on a terminal",
      },
      { flags: "--no-note", summary: "there is nothing to hand over" },
    ],
    examples: [
      'vibeops session end --note "Runbook written; two questions are open."',
      "vibeops session end --no-note",
    ],
    load: async () => (await import("./session-end.ts")).runSessionEnd,
  },
  {
    usage: "state show",
    summary: "STATE.md: current status, recent progress, next actions, hand-over notes",
    flags: [{ flags: "--project <peer>", summary: "of a peer that lets this project read its state" }],
    examples: ["vibeops state show", "vibeops state show --project shop", "vibeops state show --json"],
    load: async () => (await import("./state-show.ts")).runStateShow,
  },
  {
    usage: "state set",
    summary: "change sections of STATE.md and commit that change alone",
    flags: [
      { flags: "--status <text>", summary: "replaces the current status" },
      { flags: "--progress <text>", summary: "adds a dated line to recent progress" },
      { flags: "--next <text>", summary: "replaces the next actions" },
      { flags: "--handover <text>", summary: "replaces the hand-over notes" },
    ],
    examples: [
      'vibeops state set --status "1.2.0 is live" --progress "Deployed 1.2.0"',
      'vibeops state set --next "- watch the error rate"',
    ],
    load: async () => (await import("./state-set.ts")).runStateSet,
  },
];
