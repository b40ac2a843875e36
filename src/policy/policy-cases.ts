import * as z from "zod/mini";
import { decodeText } from "../text/decode.ts";
import { readYaml } from "../text/yaml-own.ts";
import { approvalNeeds } from "./approval-needs.ts";
import type { DelegationFacts, RunbookFacts } from "./facts.ts";
import { whyNotDelegated } from "./may-delegate.ts";
import type { Policy } from "./policy.ts";

/** Beside policy.yaml, not in it: an approval covers the policy's bytes, and a new case must lapse none. */
export const POLICY_CASES_FILE = "policy-tests.yaml";

const tier = z.enum(["read", "local", "staging", "live", "destructive"]);
const texts = z.array(z.string());

/** What a case does not say is what a runbook without it has. */
const facts = z.strictObject({
  id: z._default(z.string(), ""),
  title: z._default(z.string(), ""),
  author: z._default(z.string(), ""),
  tier: z._default(tier, "read"),
  tiers: z.optional(z.array(tier)),
  hosts: z._default(texts, []),
  host_tiers: z._default(texts, []),
  actions: z._default(texts, []),
  raw: z._default(z.boolean(), false),
});

const runbookCase = z.strictObject({
  name: z.string().check(z.minLength(1)),
  facts,
  expect: z
    .strictObject({
      approvals: z.optional(z.int()),
      four_eyes: z.optional(z.boolean()),
      expiry: z.optional(z.nullable(z.string())),
    })
    .check(z.refine((wanted) => Object.keys(wanted).length > 0, { error: "expect says at least one thing" })),
});

const stepCase = z.strictObject({
  name: z.string().check(z.minLength(1)),
  step: z.strictObject({
    action: z.optional(z.string()),
    hosts: texts.check(z.minLength(1)),
    tier: z.optional(tier),
    compiled: z._default(z.boolean(), true),
  }),
  expect: z.strictObject({ delegated: z.boolean() }),
});

const casesSchema = z.strictObject({
  cases: z.array(z.union([runbookCase, stepCase])).check(z.minLength(1)),
});

type PolicyCase = z.output<typeof casesSchema>["cases"][number];

export interface CaseResult {
  readonly name: string;
  /** Line of the case in its file, from 1. */
  readonly line: number | undefined;
  /** What came out otherwise than expected: empty where it passes. */
  readonly wrong: readonly string[];
}

/**
 * Tries every case against the policy.
 *
 * @throws VibeopsError `yaml.syntax`, `schema.invalid` for the cases, `policy.rule` where a rule cannot be decided
 */
export async function tryCases(policy: Policy, bytes: Uint8Array, file: string): Promise<CaseResult[]> {
  const { value, lineOf } = readYaml(decodeText(bytes, file), casesSchema, file);
  return await Promise.all(
    value.cases.map(async (one, index) => ({
      name: one.name,
      line: lineOf(["cases", index]),
      wrong: "step" in one ? tryStep(policy, one.step, one.expect.delegated) : await tryRunbook(policy, one),
    })),
  );
}

type RunbookCase = Extract<PolicyCase, { facts: unknown }>;

async function tryRunbook(policy: Policy, { facts: given, expect }: RunbookCase): Promise<string[]> {
  const complete: RunbookFacts = { ...given, tiers: given.tiers ?? [given.tier] };
  const needs = await approvalNeeds(policy, complete);
  const got: Record<keyof typeof expect, unknown> = {
    approvals: needs.approvals,
    four_eyes: !needs.authorMayApprove,
    expiry: policy.approval.expiry ?? null,
  };
  return (Object.keys(expect) as (keyof typeof expect)[])
    .filter((key) => expect[key] !== got[key])
    .map((key) => `${key}: expected ${expect[key]}, got ${got[key]}`);
}

type StepCase = Extract<PolicyCase, { step: unknown }>["step"];

function tryStep(policy: Policy, { action, hosts, tier: wanted, compiled }: StepCase, delegated: boolean) {
  const given: DelegationFacts = { action, hostTiers: hosts, tier: wanted ?? hosts[0] ?? "live", compiled };
  const why = whyNotDelegated(policy, given);
  if ((why === null) === delegated) return [];
  return [
    why === null ? "expected no delegation, and it is delegated" : `expected it to be delegated: ${why}`,
  ];
}
