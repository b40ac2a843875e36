import type { CommandSpec } from "../command.ts";

export const trustCommands: readonly CommandSpec[] = [
  {
    usage: "trust init",
    summary: "make your approval key, which asks you each time, and list it as yours",
    flags: [
      {
        flags: "--sk [type]",
        summary: "in a security key that wants a touch: ed25519-sk (default) or ecdsa-sk",
      },
      {
        flags: "--key <file>",
        summary: "use a private key that you have, if it asks a human; a copy is kept",
      },
      { flags: "--as <email>", summary: "who you are; git's user.email by default" },
    ],
    examples: [
      "vibeops trust init",
      "vibeops trust init --sk",
      "vibeops trust init --key ~/.ssh/id_approval --as ada@example.com",
    ],
    load: async () => (await import("./trust-init.ts")).runTrustInit,
  },
  {
    usage: "trust add <principal> <keyfile>",
    summary: "list another person's public key, so that their approvals count here; - lets you paste it",
    flags: [{ flags: "--until <day>", summary: "the last day on which it counts, as 2027-06-30" }],
    examples: [
      "vibeops trust add grace@example.com grace.pub",
      "vibeops trust add grace@example.com grace.pub --until 2027-06-30",
      "vibeops trust add grace@example.com -",
    ],
    load: async () => (await import("./trust-add.ts")).runTrustAdd,
  },
  {
    usage: "trust list",
    summary: "whose approvals count here, until when, and which key is yours",
    examples: ["vibeops trust list", "vibeops trust list --json"],
    load: async () => (await import("./trust-list.ts")).runTrustList,
  },
  {
    usage: "trust revoke <whom>",
    summary:
      "trust a person's keys, or one by its fingerprint, no longer; what they signed before stops counting too",
    flags: [{ flags: "--reason <text>", summary: "why, for whoever reads it later" }],
    examples: [
      'vibeops trust revoke grace@example.com --reason "Left the team"',
      "vibeops trust revoke SHA256:2sYnPl0h",
    ],
    load: async () => (await import("./trust-revoke.ts")).runTrustRevoke,
  },
];
