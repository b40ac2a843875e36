import type { CommandSpec } from "../command.ts";

export const runbookCommands: readonly CommandSpec[] = [
  {
    usage: "prepare [memo]",
    summary:
      "turn a deployment memo, or the way back to a version, into configuration and a runbook; runs nothing",
    flags: [
      { flags: "--host <name>", summary: "the host of inventory.yaml; where the service runs by default" },
      { flags: "--from <role>", summary: "which of this project's agents prepares" },
      {
        flags: "--rollback <service>",
        summary: "instead of a memo: go back to a version that was deployed before",
      },
      {
        flags: "--to <version>",
        summary: "with --rollback: which one; the one before the running one by default",
      },
      {
        flags: "--keep-data",
        summary: "with --rollback: leave the data, also where the record names a backup",
      },
      { flags: "--dry-run", summary: "show what would be written" },
      { flags: "-y, --yes", summary: "replace files of an earlier preparation without asking" },
    ],
    examples: [
      "vibeops prepare 7k3qfp2m",
      "vibeops prepare --rollback shop --to 1.2.0",
      "vibeops prepare deploy-shop --dry-run",
      "vibeops prepare 7k3qfp2m --yes --json",
    ],
    load: async () => (await import("./prepare.ts")).runPrepare,
  },
  {
    usage: "runbook new [title]",
    summary: "write a runbook from a template, ready to be read, changed and approved; runs nothing",
    flags: [
      { flags: "--from <name>", summary: "the template; `empty` by default" },
      {
        flags: "--host <name>",
        summary:
          "the host of inventory.yaml; several in the template's order; the only one there is by default",
        repeatable: true,
      },
      {
        flags: "--set <name=value>",
        summary: "the value of one of the template's variables",
        repeatable: true,
      },
      { flags: "--list", summary: "the templates: what each is for, its hosts and its variables" },
      { flags: "--dry-run", summary: "show what would be written" },
    ],
    examples: [
      "vibeops runbook new --list",
      "vibeops runbook new --from harden-server --host web1 --set ADMIN_USER=pat",
      'vibeops runbook new "Move the shop" --from move-service --host web1 --host web2 --dry-run',
      'vibeops runbook new "Replace the disk of web1"',
    ],
    load: async () => (await import("./runbook-new.ts")).runRunbookNew,
  },
  {
    usage: "runbook list",
    summary: "the runbooks of this project and where each stands",
    examples: ["vibeops runbook list", "vibeops runbook list --json"],
    load: async () => (await import("./runbook-list.ts")).runRunbookList,
  },
  {
    usage: "runbook show <id>",
    summary: "read a runbook as it would run: every command with host, tier, expectation and way back",
    examples: ["vibeops runbook show m2x9vaq4"],
    load: async () => (await import("./runbook-show.ts")).runRunbookShow,
  },
  {
    usage: "runbook lint [ids...]",
    summary: "say what is wrong with runbooks; all that are not closed by default",
    examples: ["vibeops runbook lint", "vibeops runbook lint m2x9vaq4 --json"],
    load: async () => (await import("./runbook-lint.ts")).runRunbookLint,
  },
  {
    usage: "runbook compile <id>",
    summary: "write the commands under each action from its parameters",
    flags: [
      { flags: "--dry-run", summary: "show the difference; write nothing" },
      { flags: "--check", summary: "the same, and fail where there is one: for CI" },
    ],
    examples: ["vibeops runbook compile m2x9vaq4 --dry-run", "vibeops runbook compile m2x9vaq4 --check"],
    load: async () => (await import("./runbook-compile.ts")).runRunbookCompile,
  },
  {
    usage: "runbook actions [name]",
    summary: "the scoped actions that a step may use, with their parameters",
    examples: ["vibeops runbook actions", "vibeops runbook actions compose.up"],
    load: async () => (await import("./runbook-actions.ts")).runRunbookActions,
  },
  {
    usage: "runbook approve <id>",
    summary: "read all of it, then sign exactly that content with your key",
    flags: [
      { flags: "--as <email>", summary: "who you are in allowed_signers; git's user.email by default" },
      { flags: "--hours <number>", summary: "how long a walk may start on it; 24 by default" },
    ],
    examples: ["vibeops runbook approve m2x9vaq4", "vibeops runbook approve m2x9vaq4 --hours 4"],
    load: async () => (await import("./runbook-approve.ts")).runRunbookApprove,
  },
  {
    usage: "runbook reject <id>",
    summary: "say no, with a reason that stays beside it; signed as well",
    flags: [
      { flags: "--reason <text>", summary: "why" },
      { flags: "--as <email>", summary: "who you are in allowed_signers; git's user.email by default" },
    ],
    examples: ['vibeops runbook reject m2x9vaq4 --reason "No backup before the migration"'],
    load: async () => (await import("./runbook-approve.ts")).runRunbookReject,
  },
  {
    usage: "runbook run <id>",
    summary: "walk through an approved runbook, or go on with a walk that was cut off",
    flags: [
      {
        flags: "--mode <mode>",
        summary:
          "ssh (default): each step goes to its host at your key; paste: you run it in a shell of your own",
      },
      { flags: "--dry-run", summary: "show every step as it would run; touches nothing" },
      {
        flags: "--take-over",
        summary: "go on from a walk that somebody else, or another machine, wrote; shows it and asks first",
      },
      {
        flags: "--delegated",
        summary: "run the steps that were approved as delegated and are next, no other, asking nobody",
      },
      { flags: "--from <role>", summary: "with --delegated: which of this project's agents runs it" },
    ],
    examples: [
      "vibeops runbook run m2x9vaq4",
      "vibeops runbook run m2x9vaq4 --take-over",
      "vibeops runbook run m2x9vaq4 --mode paste",
      "vibeops runbook run m2x9vaq4 --dry-run",
      "vibeops runbook run m2x9vaq4 --delegated",
    ],
    load: async () => (await import("./runbook-run.ts")).runRunbookRun,
  },
  {
    usage: "runbook verify <id>",
    summary: "run the verification's checks as an act of its own, after the walk",
    flags: [{ flags: "--mode <mode>", summary: "ssh (default) or paste" }],
    examples: ["vibeops runbook verify m2x9vaq4"],
    load: async () => (await import("./runbook-verify.ts")).runRunbookVerify,
  },
  {
    usage: "runbook close <id>",
    summary: "seal the record with your key, write record.md, and end the memo; needs a passing verification",
    flags: [
      { flags: "--as <email>", summary: "who you are in allowed_signers; git's user.email by default" },
      {
        flags: "--reason <text>",
        summary: "why a runbook, or a walk in which no step ran, is given up; or why it was rolled back",
      },
    ],
    examples: [
      "vibeops runbook close m2x9vaq4",
      'vibeops runbook close m2x9vaq4 --reason "another one took its place"',
    ],
    load: async () => (await import("./runbook-close.ts")).runRunbookClose,
  },
];
