import type { LocatedPolicy } from "../policy/policy.ts";
import { checkRule } from "../policy/rule.ts";
import type { Project } from "../project/project.ts";
import { type Finding, findingOf } from "../text/finding.ts";
import { nearest } from "../text/similar.ts";
import { findAction, listActions } from "./actions/actions.ts";
import { projectSource } from "./project-files.ts";
import { POLICY_FILE } from "./rule-files.ts";
import { TIERS } from "./tier.ts";

/** What is wrong with policy.yaml itself, whatever runbooks there are: rules that fit no facts, actions that nobody knows. */
export function findPolicyProblems(project: Project, located: LocatedPolicy): Finding[] {
  return [...findBrokenRules(located), ...findOmittedTiers(located), ...findUnknownActions(project, located)];
}

/** Whoever wants a second person for some tier wants one for every graver tier. */
function findOmittedTiers({ policy, lineOf }: LocatedPolicy): Finding[] {
  const listed = policy.approval.four_eyes;
  if (!Array.isArray(listed)) return [];
  const lowest = TIERS.findIndex((tier) => listed.includes(tier));
  const meant = TIERS.slice(lowest);
  const omitted = meant.filter((tier) => !listed.includes(tier));
  if (omitted.length === 0) return [];
  const line = lineOf(["approval", "four_eyes"]);
  const graver = omitted.map((tier) => `'${tier}'`).join(" and ");
  return [
    {
      rule: "policy.tiers",
      level: "warning",
      message: `four_eyes names '${TIERS[lowest]}' and not the graver ${graver}: a runbook of that tier alone needs no second person`,
      file: POLICY_FILE,
      ...(line === undefined ? {} : { line }),
      fix: `write: four_eyes: [${meant.join(", ")}]`,
    },
  ];
}

function findBrokenRules({ policy, lineOf }: LocatedPolicy): Finding[] {
  const wanted = { approvals: "int", four_eyes: "bool" } as const;
  return (["approvals", "four_eyes"] as const).flatMap((name) => {
    const rule = policy.approval[name];
    if (typeof rule !== "string") return [];
    try {
      checkRule(rule, wanted[name], `approval.${name}`);
      return [];
    } catch (error) {
      const line = lineOf(["approval", name]);
      return [{ ...findingOf(error, POLICY_FILE), ...(line === undefined ? {} : { line }) }];
    }
  });
}

/** A grant for an action that does not exist grants nothing, and looks as if it did. */
function findUnknownActions(project: Project, { policy, lineOf }: LocatedPolicy): Finding[] {
  const defined = projectSource(project).actions ?? [];
  return policy.delegate.flatMap((grant, index) =>
    grant.actions
      .filter((name) => findAction(name, defined) === undefined)
      .map((name): Finding => {
        const near = nearest(
          name,
          listActions(defined).map((action) => action.name),
        );
        const line = lineOf(["delegate", index]);
        return {
          rule: "policy.action",
          level: "warning",
          message: `there is no action '${name}', so this delegates nothing`,
          file: POLICY_FILE,
          ...(line === undefined ? {} : { line }),
          fix: near === undefined ? "see: vibeops runbook actions" : `write: ${near}`,
        };
      }),
  );
}
