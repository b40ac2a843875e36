import type { CommandSpec } from "../command.ts";

export const projectsCommands: readonly CommandSpec[] = [
  {
    usage: "projects add [folders...]",
    summary: "put projects on your list; the one around you by default",
    examples: ["vibeops projects add", "vibeops projects add ~/work/shop ~/work/infra"],
    load: async () => (await import("./projects-add.ts")).runProjectsAdd,
  },
  {
    usage: "projects list",
    summary: "the projects of your list, and which of them are gone or broken",
    examples: ["vibeops projects list", "vibeops projects list --json"],
    load: async () => (await import("./projects-list.ts")).runProjectsList,
  },
  {
    usage: "projects scan [folder]",
    summary: "find projects below a folder, show them, and add them after one yes",
    flags: [
      { flags: "--depth <levels>", summary: "how many levels of folders to look into (6 by default)" },
      { flags: "--dry-run", summary: "only show them" },
      { flags: "-y, --yes", summary: "add without asking" },
    ],
    examples: ["vibeops projects scan ~/work", "vibeops projects scan ~/work --depth 3 --yes"],
    load: async () => (await import("./projects-scan.ts")).runProjectsScan,
  },
  {
    usage: "projects remove [projects...]",
    summary:
      "take projects off your list, by folder or by any unique part of it; the projects stay as they are",
    flags: [{ flags: "--missing", summary: "take off all that are not there any more" }],
    examples: [
      "vibeops projects remove ~/work/shop",
      "vibeops projects remove shop",
      "vibeops projects remove --missing",
    ],
    load: async () => (await import("./projects-remove.ts")).runProjectsRemove,
  },
];
