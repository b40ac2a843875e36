import {
  callsUs,
  guardLine,
  mcpServer,
  missingNote,
  type Program,
  remotePrograms,
  type Settings,
  startLine,
} from "./settings.ts";

const rules = remotePrograms.map((program) => {
  const why =
    "Agents run nothing on hosts: write it as a step of a runbook, which a person approves and runs.";
  return `prefix_rule(pattern=["${program}"], decision="forbidden", justification="${why}", match=["${program} web1"])\n`;
});

/** Codex CLI. It reads a project's files only where the person trusts the project, and its hooks only where they trust those. */
export function codexSettings({ isOnPath }: Program): Settings {
  const calls = callsUs("codex");
  const hook = (command: string) => [{ type: "command", command, timeout: 60 }];
  return {
    vendor: "codex",
    command: "vibeops",
    files: [
      {
        path: ".codex/hooks.json",
        kind: "json",
        entries: [
          {
            at: ["hooks", "SessionStart"],
            inList: true,
            isEarlier: calls.start,
            value: { matcher: "startup|resume", hooks: hook(startLine("vibeops", "codex")) },
          },
          {
            at: ["hooks", "PreToolUse"],
            inList: true,
            isEarlier: calls.guard,
            value: {
              matcher: "Bash|apply_patch|shell|exec_command",
              hooks: hook(guardLine("vibeops", "codex")),
            },
          },
        ],
      },
      {
        path: ".codex/config.toml",
        kind: "block",
        text: `[mcp_servers.vibeops]\ncommand = "${mcpServer.command}"\nargs = ["${mcpServer.args.join('", "')}"]\n`,
        clash: /^\s*\[\s*mcp_servers\s*\.\s*"?vibeops"?\s*\]|^\s*mcp_servers\s*[.=].*vibeops/m,
      },
      {
        path: ".codex/rules/vibeops.rules",
        kind: "whole",
        text: `# Written by \`vibeops agents add codex\`. Try one: codex execpolicy check --rules FILE ssh web1\n${rules.join("")}`,
      },
    ],
    notes: [
      "Codex: hooks run only after you trusted them, and again after they changed; start codex here once and say yes to its question, or nothing is fenced.",
      ...(isOnPath ? [] : [missingNote("Codex")]),
    ],
  };
}
