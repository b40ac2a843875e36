import type { CommandSpec } from "../command.ts";

export const projectCommands: readonly CommandSpec[] = [
  {
    usage: "init",
    summary: "make this folder a project, or add what it lacks; never overwrites, commits nothing",
    flags: [
      {
        flags: "--role <role>",
        summary: "developer, sysadmin, pm, coordinator, writer or a name of your own",
        repeatable: true,
      },
      { flags: "--name <name>", summary: "the project's name; the folder's by default" },
      {
        flags: "--provider <provider>",
        summary: "who plays the roles: builtin (default), claude, codex, gemini, anthropic, openai, google",
      },
      {
        flags: "--peer <folder>",
        summary: "show and write, in both projects, that they may write to each other",
        repeatable: true,
      },
      {
        flags: "--with <vendor>",
        summary: "write the configuration of agent CLIs too: claude, codex, gemini, or several with commas",
        repeatable: true,
      },
      { flags: "--dry-run", summary: "list what would be done" },
      { flags: "-y, --yes", summary: "write without asking" },
    ],
    examples: [
      "vibeops init --role developer",
      "vibeops init --role sysadmin --peer ../shop",
      "vibeops init --role developer --with claude",
      "vibeops init --peer ../infra --dry-run",
    ],
    load: async () => (await import("./init.ts")).runInit,
  },
  {
    usage: "status",
    summary:
      "what waits for you, the most urgent first, and each project in a line; outside a project, --all",
    flags: [
      { flags: "-a, --all", summary: "over all projects of your list, not only this one" },
      { flags: "-l, --long", summary: "everything that waits and every project, however many" },
      { flags: "--exit-code", summary: "end with 6 where something waits for you, for scripts and prompts" },
    ],
    examples: [
      "vibeops status",
      "vibeops status --all",
      "vibeops status --all --json",
      "vibeops status --all --exit-code >/dev/null || echo 'something waits'",
    ],
    load: async () => (await import("./status.ts")).runStatus,
  },
  {
    usage: "doctor",
    summary:
      "examine programs, git, files, mail, peers, runbooks, trust and this environment; mend what is safe",
    flags: [
      { flags: "--fix", summary: "show what can be mended, ask, and mend it; commits nothing" },
      { flags: "-y, --yes", summary: "mend without asking" },
    ],
    examples: ["vibeops doctor", "vibeops doctor --fix", "vibeops doctor --json"],
    load: async () => (await import("./doctor.ts")).runDoctor,
  },
  {
    usage: "demo [folder]",
    summary: "play the whole idea with three projects on this machine, up to the place where you must decide",
    flags: [{ flags: "--fresh", summary: "delete an earlier demo in that folder and begin again" }],
    examples: ["vibeops demo", "vibeops demo ~/try-vibeops", "vibeops demo --fresh"],
    load: async () => (await import("./demo.ts")).runDemo,
  },
];
