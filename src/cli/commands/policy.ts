import type { CommandSpec } from "../command.ts";

export const policyCommands: readonly CommandSpec[] = [
  {
    usage: "policy check [runbooks...]",
    summary:
      "what is wrong with policy.yaml, and what it asks for each open runbook, or those that are named: tier, approvals, delegation. Exit 4 where there is an error",
    examples: ["vibeops policy check", "vibeops policy check m2x9vaq4", "vibeops policy check --json"],
    load: async () => (await import("./policy-check.ts")).runPolicyCheck,
  },
  {
    usage: "policy explain <runbook>",
    summary: "which rule gave what for a runbook, by which facts, and what each command's tier comes from",
    examples: ["vibeops policy explain m2x9vaq4", "vibeops policy explain m2x9vaq4 --json"],
    load: async () => (await import("./policy-explain.ts")).runPolicyExplain,
  },
  {
    usage: "policy test",
    summary: "try the cases of policy-tests.yaml against policy.yaml. Exit 4 where one comes out differently",
    examples: [
      "vibeops policy test",
      "vibeops policy test --json",
      "# in policy-tests.yaml, beside policy.yaml:",
      "# cases:",
      "#   - { name: two for what destroys, facts: { tier: destructive }, expect: { approvals: 2 } }",
      "#   - { name: nothing live, step: { action: files.install, hosts: [live] }, expect: { delegated: false } }",
    ],
    load: async () => (await import("./policy-test.ts")).runPolicyTest,
  },
];
