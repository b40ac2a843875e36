import type { CommandSpec } from "../command.ts";

export const auditCommands: readonly CommandSpec[] = [
  {
    usage: "audit verify",
    summary:
      "check the whole trail again: approvals, records, seals, memos and history, from files and git alone",
    flags: [
      {
        flags: "--signers <file>",
        summary: "whose signatures count, in OpenSSH's allowed_signers format; your own list by default",
      },
      { flags: "--revoked <file>", summary: "public keys that do not count; goes with --signers" },
    ],
    examples: [
      "vibeops audit verify",
      "vibeops audit verify --json",
      "vibeops audit verify --signers ./auditor/allowed_signers",
    ],
    load: async () => (await import("./audit-verify.ts")).runAuditVerify,
  },
];
