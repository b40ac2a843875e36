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

/** Gemini CLI. Its time limits are milliseconds. */
export function geminiSettings({ isOnPath }: Program): Settings {
  const calls = callsUs("gemini");
  const hook = (name: string, command: string) => [{ name, type: "command", command, timeout: 60_000 }];
  return {
    vendor: "gemini",
    command: "vibeops",
    files: [
      {
        path: ".gemini/settings.json",
        kind: "json",
        entries: [
          {
            at: ["hooks", "SessionStart"],
            inList: true,
            isEarlier: calls.start,
            value: { hooks: hook("vibeops-brief", startLine("vibeops", "gemini")) },
          },
          {
            at: ["hooks", "BeforeTool"],
            inList: true,
            isEarlier: calls.guard,
            value: {
              matcher: "run_shell_command|write_file|replace",
              hooks: hook("vibeops-guard", guardLine("vibeops", "gemini")),
            },
          },
          ...remotePrograms.map((name) => ({
            at: ["tools", "exclude"],
            inList: true,
            value: `run_shell_command(${name})`,
          })),
          { at: ["mcpServers", "vibeops"], value: { ...mcpServer, trust: false } },
        ],
      },
    ],
    notes: [
      "Gemini CLI: policies of a workspace do not count, only those in your home or an administrator's.",
      ...(isOnPath ? [] : [missingNote("Gemini CLI")]),
    ],
  };
}
