import type { CommandSpec } from "../command.ts";

export const configurationCommands: readonly CommandSpec[] = [
  {
    usage: "lint [files...]",
    summary:
      "say what is wrong with Compose files, Caddyfiles and our own documents, in files or in all of a folder, this one by default. Exit 4 where there is an error",
    flags: [
      { flags: "--format <format>", summary: "text (default), json, or sarif for code review" },
      { flags: "--max-warnings <count>", summary: "exit 4, too, where there are more warnings than that" },
      { flags: "--style", summary: "rules about looks as well: order, quotes" },
      { flags: "--rules", summary: "list all rules, with what each wants and why; look at no file" },
    ],
    examples: [
      "vibeops lint compose.yaml",
      "vibeops lint deploy/ --max-warnings 0",
      "vibeops lint . --format sarif > lint.sarif",
      "vibeops lint --rules",
      "# in the file: # vibeops-lint-disable-next-line compose.read-only: it writes its plugins beside itself",
    ],
    load: async () => (await import("./lint.ts")).runLint,
  },
  {
    usage: "inventory show",
    summary: "hosts, what runs on each, and what all of it may take; one screen",
    examples: ["vibeops inventory show", "vibeops inventory show --json"],
    load: async () => (await import("./inventory-show.ts")).runInventoryShow,
  },
  {
    usage: "inventory check",
    summary:
      "what does not fit on its host, clashes, comes back by itself, is not backed up or costs too much. Exit 4 where there is an error",
    examples: ["vibeops inventory check", "vibeops inventory check --json"],
    load: async () => (await import("./inventory-check.ts")).runInventoryCheck,
  },
  {
    usage: "inventory import [file]",
    summary:
      "add what docker, kubectl or terraform printed, from a file or standard input; shows the difference, asks, commits nothing and connects nowhere",
    flags: [
      { flags: "--host <host>", summary: "where the services run; the inventory's only host by default" },
      { flags: "--dry-run", summary: "show the difference; write nothing" },
      { flags: "-y, --yes", summary: "write without asking" },
    ],
    examples: [
      "ssh web1 docker compose ls --format json | vibeops inventory import --host web1 --yes",
      "vibeops inventory import compose-config.yaml --host web1",
      "docker ps --format json | vibeops inventory import --dry-run",
      "kubectl get nodes,deployments -o json | vibeops inventory import --dry-run",
      "terraform show -json | vibeops inventory import --yes",
    ],
    load: async () => (await import("./inventory-import.ts")).runInventoryImport,
  },
];
