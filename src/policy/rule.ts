import { Environment } from "@marcbachmann/cel-js";
import { Exit, VibeopsError } from "../errors.ts";
import type { RunbookFacts } from "./facts.ts";

/** Far more than a rule needs, far less than it takes to make a gate wait. */
const LIMITS = { maxAstNodes: 500, maxDepth: 30, maxListElements: 100, maxMapEntries: 100 };

const LOOPS = /\b(?:all|exists|exists_one|filter|map)\b/g;
const MOST_LOOPS = 2;

/** What a rule may name, and of which type. */
const FACTS: Readonly<Record<keyof RunbookFacts, "string" | "bool" | "list<string>">> = {
  id: "string",
  title: "string",
  author: "string",
  tier: "string",
  tiers: "list<string>",
  hosts: "list<string>",
  host_tiers: "list<string>",
  actions: "list<string>",
  raw: "bool",
};

function environment(): Environment {
  return Object.entries(FACTS).reduce(
    (made, [name, type]) => made.registerVariable(name, type),
    new Environment({ limits: LIMITS }),
  );
}

/** The facts that a rule names, in the order of {@link RunbookFacts}: what it can have been decided by. */
export function factsNamedBy(rule: string): (keyof RunbookFacts)[] {
  const words = new Set(rule.replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, "").match(/\w+/g));
  return (Object.keys(FACTS) as (keyof RunbookFacts)[]).filter((name) => words.has(name));
}

/** That a rule fits the facts and gives the type that is wanted, without deciding it. @throws as {@link evaluateRule} */
export function checkRule(rule: string, wanted: "bool" | "int", name: string): void {
  attempt(name, () => compile(rule, wanted));
}

/**
 * Evaluates a rule to the type that is asked for. The types are checked before it is run: a rule that would only
 * sometimes fail never passes.
 *
 * @param name of the rule in policy.yaml, for messages: `approval.four_eyes`
 * @throws VibeopsError `policy.rule` (exit 5)
 */
export function evaluateRule(
  rule: string,
  wanted: "bool" | "int",
  facts: RunbookFacts,
  name: string,
): unknown {
  return attempt(name, () => compile(rule, wanted)({ ...facts }));
}

function compile(rule: string, wanted: "bool" | "int") {
  // Its patterns try every way there is: one that never ends keeps the gate waiting. The library lets nobody replace it.
  if (/\bmatches\b/.test(rule))
    throw new Error("it uses matches; there are startsWith, endsWith and contains");
  // Each goes over a list once for every item of the one around it.
  if ((rule.match(LOOPS) ?? []).length > MOST_LOOPS)
    throw new Error(
      `it goes over lists more than ${MOST_LOOPS} times (all, exists, exists_one, filter, map)`,
    );
  const parsed = environment().parse(rule);
  const { valid, type, error } = parsed.check();
  if (!valid) throw error ?? new Error("the rule does not fit the facts");
  if (type !== wanted) throw new Error(`it gives ${type ?? "nothing"}, and ${wanted} is wanted`);
  return parsed;
}

function attempt<T>(name: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    throw new VibeopsError({
      code: "policy.rule",
      exit: Exit.refused,
      message: `the rule ${name} cannot be decided, so nothing is allowed: ${reason}`,
      file: "policy.yaml",
      fix: `correct ${name}; it knows id, title, author, tier, tiers, hosts, host_tiers, actions and raw`,
      cause: error,
    });
  }
}
