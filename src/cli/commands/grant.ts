import type { CommandSpec } from "../command.ts";

export const grantCommands: readonly CommandSpec[] = [
  {
    usage: "grant add <peer>",
    summary:
      "accept mail from a peer, or let it read here: shows the line in vibeops.yaml, asks, and commits it",
    flags: [
      {
        flags: "--types <types>",
        summary: "deployment, request, info, security, incident; by role by default",
      },
      { flags: "--read <what>", summary: "state, memos, or both: what the peer may read here" },
      {
        flags: "--until <when>",
        summary: "its last day (2027-06-30), how long (90d), or never; a year by default",
      },
      { flags: "--both", summary: "the other project accepts us as well; writes and commits there too" },
      { flags: "--dry-run", summary: "show the lines; write nothing" },
      { flags: "-y, --yes", summary: "write without asking" },
    ],
    examples: [
      "vibeops grant add infra --types request,info --until 2027-06-30",
      "vibeops grant add office --read state,memos --until 90d",
      "vibeops grant add ../docs --both",
    ],
    load: async () => (await import("./grant-add.ts")).runGrantAdd,
  },
  {
    usage: "grant list",
    summary: "who may write and read here, until when, and to whom we may write",
    flags: [{ flags: "--expired", summary: "only what has ended" }],
    examples: ["vibeops grant list", "vibeops grant list --expired", "vibeops grant list --json"],
    load: async () => (await import("./grant-list.ts")).runGrantList,
  },
  {
    usage: "grant revoke <peer>",
    summary: "accept less from a peer, or nothing; commits, and says what it means for mail that is here",
    flags: [
      { flags: "--types <types>", summary: "only these types" },
      { flags: "--read <what>", summary: "only reading: state, memos" },
      { flags: "--dry-run", summary: "show the lines; write nothing" },
    ],
    examples: [
      "vibeops grant revoke infra --types deployment",
      "vibeops grant revoke office --read memos",
      "vibeops grant revoke infra",
    ],
    load: async () => (await import("./grant-revoke.ts")).runGrantRevoke,
  },
  {
    usage: "grant explain <from> <to>",
    summary:
      "may one project write to another, or read it: yes (exit 0) or no (exit 5), and why, line by line",
    flags: [
      { flags: "--type <type>", summary: "mail of this type; any type by default" },
      { flags: "--read <what>", summary: "reading instead: state or memos" },
    ],
    examples: [
      "vibeops grant explain . infra --type deployment",
      "vibeops grant explain infra .",
      "vibeops grant explain ../office ../shop --read memos",
    ],
    load: async () => (await import("./grant-explain.ts")).runGrantExplain,
  },
];
