import { describe, expect, test } from "vitest";
import { VibeopsError } from "../../src/errors.ts";
import { approvalNeeds } from "../../src/policy/approval-needs.ts";
import type { DelegationFacts, RunbookFacts } from "../../src/policy/facts.ts";
import { mayDelegate, whyNotDelegated } from "../../src/policy/may-delegate.ts";
import { DEFAULT_POLICY, readPolicy } from "../../src/policy/policy.ts";
import fc from "../helpers/property.ts";

const FACTS: RunbookFacts = {
  id: "20261120T150000Z-m2x9vaq4",
  title: "Deploy shop",
  author: "ada@example.com",
  tier: "live",
  tiers: ["read", "live"],
  hosts: ["web1"],
  host_tiers: ["live"],
  actions: ["compose.up"],
  raw: false,
};
const STEP: DelegationFacts = {
  action: "files.install",
  hostTiers: ["staging"],
  tier: "staging",
  compiled: true,
};

const read = (text: string) => readPolicy(Buffer.from(text), "policy.yaml");

test("without a file: one approval, the author may give it, and nothing is delegated", async () => {
  const policy = readPolicy(null, "policy.yaml");
  expect(policy).toEqual(DEFAULT_POLICY);
  expect(await approvalNeeds(policy, FACTS)).toEqual({ approvals: 1, authorMayApprove: true });
  expect(mayDelegate(policy, STEP)).toBe(false);
});

test.each([
  ["unknown key", "delegat: []\n", 1, /did you mean delegate\?/],
  ["unknown key inside", "approval:\n  four_eye: true\n", 2, /did you mean approval\.four_eyes\?|four_eyes/],
  ["rules that nobody evaluates", "rules: [all]\n", 1, /not evaluated yet/],
  ["no YAML", "a: [\n", 2, /./],
  [
    "live delegated",
    "delegate:\n  - actions: [a.b]\n    hosts: [live]\n",
    3,
    /must be one of local, staging/,
  ],
  ["zero approvals", "approval:\n  approvals: 0\n", 2, /approvals/],
  ["a list", "- a\n", 1, /./],
  ["a tier that is none", "approval:\n  four_eyes: [prod]\n", 2, /four_eyes/],
])("a policy with %s is refused with its line, and grants nothing", (_, text, line, message) => {
  expect(() => read(text)).toThrow(
    expect.objectContaining({
      code: "policy.unreadable",
      exit: 5,
      line,
      message: expect.stringMatching(message),
    }),
  );
});

test("whatever the bytes, reading a policy either gives one that delegates nothing live or refuses", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        return !mayDelegate(readPolicy(bytes, "policy.yaml"), { ...STEP, hostTiers: ["live"] });
      } catch (error) {
        return error instanceof VibeopsError && error.code === "policy.unreadable";
      }
    }),
  );
});

describe("what it takes to approve", () => {
  const needs = (approval: string, facts: Partial<RunbookFacts> = {}) =>
    approvalNeeds(read(`approval: ${approval}\n`), { ...FACTS, ...facts });

  test("numbers, tiers and rules in CEL", async () => {
    expect(await needs("{ approvals: 2, expiry: 4h }")).toEqual({
      approvals: 2,
      authorMayApprove: true,
      longestLifeMs: 4 * 3_600_000,
    });
    expect(await needs("{ four_eyes: [live, destructive] }")).toMatchObject({ authorMayApprove: false });
    expect(await needs("{ four_eyes: [live] }", { tiers: ["staging"] })).toMatchObject({
      authorMayApprove: true,
    });
    const rule = `{ four_eyes: 'tier == "live" && "compose.up" in actions', approvals: 'raw ? 2 : 1' }`;
    expect(await needs(rule)).toEqual({ approvals: 1, authorMayApprove: false });
    expect(await needs(rule, { raw: true, actions: [] })).toEqual({ approvals: 2, authorMayApprove: true });
  });

  test.each([
    ["a word that it does not know", `{ four_eyes: 'teir == "live"' }`],
    ["no expression", "{ four_eyes: 'tier ==' }"],
    ["another type", "{ four_eyes: 'tier' }"],
    ["a type that differs by the facts", "{ four_eyes: 'raw ? true : 1' }"],
    ["an error while it runs", `{ four_eyes: 'tiers[99] == "live"' }`],
    ["a number of approvals that is none", "{ approvals: '0' }"],
    ["a number out of reach", "{ approvals: 'size(title) * 1000' }"],
    ["too much to do", `{ four_eyes: '${"(".repeat(200)}true${")".repeat(200)}' }`],
  ])("a rule with %s allows nothing", async (_, approval) => {
    await expect(needs(approval)).rejects.toMatchObject({ code: "policy.rule", exit: 5 });
  });
});

describe("what may be delegated", () => {
  const policy = read("delegate:\n  - { actions: [files.install, http.check], hosts: [staging] }\n");

  test("the actions that are named, on the hosts that are named", () => {
    expect(mayDelegate(policy, STEP)).toBe(true);
    expect(mayDelegate(policy, { ...STEP, action: "http.check", tier: "read" })).toBe(true);
  });

  test.each([
    [{ action: "compose.up" }, /does not delegate compose\.up/],
    [{ action: undefined }, /has no action/],
    [{ hostTiers: ["local"] }, /does not delegate files\.install on local/],
    [{ hostTiers: ["staging", "live"] }, /counts as live/],
    [{ hostTiers: ["live"], tier: "read" }, /counts as live/],
    [{ hostTiers: [] }, /no host/],
    [{ tier: "live" }, /counts as live/],
    [{ tier: "destructive" }, /counts as destructive/],
    [{ compiled: false }, /compiles to/],
  ])("%j is not", (change, why) => {
    expect(whyNotDelegated(policy, { ...STEP, ...change })).toMatch(why);
  });
});
