import { protectedGlobs } from "../../guard/protected-paths.ts";
import type { JsonEntry } from "./json-entries.ts";
import {
  callsUs,
  guardLine,
  mcpServer,
  type Program,
  remotePrograms,
  type Settings,
  startLine,
} from "./settings.ts";

const secrets = ["./.env", "./.env.local", "./.env.production", "~/.ssh/**", "~/.config/vibeops/**"];

/** `Write(path)` and `Glob` draw a warning; `Edit(path)` covers every tool that writes. */
const deny = [
  ...remotePrograms.map((program) => `Bash(${program} *)`),
  ...secrets.map((path) => `Read(${path})`),
  ...protectedGlobs.map((path) => `Edit(./${path})`),
  "Edit(~/.config/vibeops/**)",
];

/**
 * Claude Code. Its project settings are committed; where the plain name is not on the PATH, the hooks stand with the
 * absolute path in the person's own settings instead, since a committed line that is not found stops everything.
 */
export function claudeSettings(program: Program): Settings {
  const calls = callsUs("claude");
  const hooks: JsonEntry[] = [
    {
      at: ["hooks", "SessionStart"],
      inList: true,
      isEarlier: calls.start,
      value: { hooks: [{ type: "command", command: startLine(program.command, "claude"), timeout: 60 }] },
    },
    {
      at: ["hooks", "PreToolUse"],
      inList: true,
      isEarlier: calls.guard,
      value: {
        matcher: "Bash|PowerShell|Monitor|Edit|Write|MultiEdit|NotebookEdit",
        hooks: [{ type: "command", command: guardLine(program.command, "claude"), timeout: 60 }],
      },
    },
  ];
  const rules: JsonEntry[] = [
    ...deny.map((value) => ({ at: ["permissions", "deny"], value, inList: true })),
    { at: ["permissions", "ask"], value: "Bash(git push *)", inList: true },
  ];
  const committed = { path: ".claude/settings.json", kind: "json", entries: rules } as const;
  const local = { path: ".claude/settings.local.json", kind: "json", entries: hooks } as const;
  return {
    vendor: "claude",
    command: program.command,
    ...(program.isOnPath ? { retired: [local] } : {}),
    files: [
      ...(program.isOnPath ? [{ ...committed, entries: [...rules, ...hooks] }] : [committed, local]),
      {
        path: ".mcp.json",
        kind: "json",
        entries: [{ at: ["mcpServers", "vibeops"], value: { type: "stdio", ...mcpServer } }],
      },
    ],
    notes: [
      "Claude Code: a hook that crashes or runs too long lets the tool run; a program that the agent starts is not seen.",
    ],
  };
}
