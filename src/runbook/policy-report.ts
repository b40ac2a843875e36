import { join } from "node:path";
import { VibeopsError } from "../errors.ts";
import { readIfExists } from "../platform/files.ts";
import { type ExplainedRule, explainNeeds } from "../policy/explain-needs.ts";
import type { RunbookFacts } from "../policy/facts.ts";
import { whyNotDelegated } from "../policy/may-delegate.ts";
import { type LocatedPolicy, locatePolicy } from "../policy/policy.ts";
import { loadInventory } from "../project/inventory.ts";
import type { Project } from "../project/project.ts";
import { type AssessedCommand, type Assessment, assessRunbook } from "./assess-runbook.ts";
import { delegationFacts, runbookFacts } from "./policy-facts.ts";
import { projectSource } from "./project-files.ts";
import { POLICY_FILE } from "./rule-files.ts";
import type { Runbook } from "./runbook.ts";
import type { Tier } from "./tier.ts";

/** What the policy asks for a runbook, and why. */
export interface PolicyReport {
  readonly id: string;
  readonly title: string;
  /** Of the whole, and of each command with what decided it. */
  readonly tier: string;
  readonly facts: RunbookFacts;
  readonly rules: readonly ExplainedRule[];
  readonly commands: readonly ReportedCommand[];
  /** Steps that ask to be delegated: null where the policy lets them. */
  readonly delegated: readonly {
    readonly step: number;
    readonly title: string;
    readonly why: string | null;
  }[];
}

interface ReportedCommand {
  /** `step 2` or `verification`. */
  readonly where: string;
  readonly kind: string;
  readonly host: string;
  readonly tier: Tier;
  readonly line: number;
  /** What the tier comes from. */
  readonly because: string;
}

/** policy.yaml as it is now. @throws VibeopsError `policy.unreadable` (exit 5) */
export function readPolicyHere(project: Pick<Project, "root">): LocatedPolicy {
  return locatePolicy(readIfExists(join(project.root, POLICY_FILE)), POLICY_FILE);
}

/** @throws VibeopsError `policy.rule` (exit 5), and as loadInventory */
export async function reportPolicy(
  project: Project,
  located: LocatedPolicy,
  runbook: Runbook,
): Promise<PolicyReport> {
  const { inventory } = loadInventory(project);
  const assessment = assessRunbook(runbook, inventory, projectSource(project));
  const facts = runbookFacts(runbook, assessment, inventory);
  const delegated = assessment.steps.filter(({ step }) => step.action?.delegated === true);
  return {
    id: runbook.id,
    title: runbook.title,
    tier: facts.tier,
    facts,
    rules: await explainNeeds(located, facts),
    commands: listCommands(assessment),
    delegated: delegated.map((assessed) => ({
      step: assessed.step.number,
      title: assessed.step.title,
      why: whyNotDelegated(located.policy, delegationFacts(assessed, inventory)),
    })),
  };
}

function listCommands({ steps, verification }: Assessment): ReportedCommand[] {
  return [
    ...steps.flatMap(({ step, commands, compiled }) =>
      commands.map((one) => describe(`step ${step.number}`, one, step.action?.use, compiled)),
    ),
    ...verification.flatMap(({ check, commands, compiled }) =>
      commands.map((one) => describe("verification", one, check.action?.use, compiled)),
    ),
  ];
}

function describe(
  where: string,
  { command, tier, proven, judged }: AssessedCommand,
  action: string | undefined,
  compiled: unknown,
): ReportedCommand {
  const { kind, host, line } = command;
  const reason = judged === null ? "" : `: ${judged.reason}`;
  const because =
    proven !== null
      ? `${action ?? "an action"} vouches for it (${proven})`
      : compiled instanceof VibeopsError
        ? `${action} does not compile: ${compiled.message}`
        : `${action === undefined ? "no action" : `not what ${action} compiles to`}${reason}`;
  return { where, kind, host, tier, line, because };
}

/** A report as lines for a person or a model; what a runbook says stands in it as it is. */
export function describeReport({ id, title, tier, facts, rules, delegated }: PolicyReport): string[] {
  const given = Object.fromEntries(rules.map(({ rule, gives }) => [rule, gives]));
  const hosts = facts.hosts.length === 0 ? "no host" : facts.hosts.join(", ");
  const author = facts.author === "" ? "its author" : `its author (${facts.author})`;
  const who = given.four_eyes === true ? `none of them ${author}` : `${author} may be one of them`;
  const people = given.approvals === 1 ? "1 person" : `${given.approvals} people`;
  return [
    `${id}  ${title}`,
    `  tier       ${tier} (${hosts}${facts.host_tiers.length === 0 ? "" : `: ${facts.host_tiers.join(", ")}`})`,
    `  approval   ${people}, ${given.four_eyes === true && given.approvals === 1 ? `not ${author}` : who}`,
    `  expiry     ${given.expiry ?? "the policy sets no bound"}`,
    ...delegated.map(({ step, title: name, why }) => {
      return `  delegated  step ${step}, ${name}: ${why === null ? "allowed" : `not allowed, ${why}`}`;
    }),
  ];
}
