import { Environment } from "@marcbachmann/cel-js";
import { Exit, VibeopsError } from "../errors.ts";
import type { RunbookFacts } from "./facts.ts";

/** Far more than a rule needs, far less than it takes to make a gate wait. */
const LIMITS = { maxAstNodes: 500, maxDepth: 30, maxListElements: 100, maxMapEntries: 100 };

function environment(): Environment {
  return new Environment({ limits: LIMITS })
    .registerVariable("id", "string")
    .registerVariable("title", "string")
    .registerVariable("author", "string")
    .registerVariable("tier", "string")
    .registerVariable("tiers", "list<string>")
    .registerVariable("hosts", "list<string>")
    .registerVariable("host_tiers", "list<string>")
    .registerVariable("actions", "list<string>")
    .registerVariable("raw", "bool");
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
  try {
    // Its patterns try every way there is: one that never ends keeps the gate waiting. The library lets nobody replace it.
    if (/\bmatches\b/.test(rule))
      throw new Error("it uses matches; there are startsWith, endsWith and contains");
    const parsed = environment().parse(rule);
    const { valid, type, error } = parsed.check();
    if (!valid) throw error ?? new Error("the rule does not fit the facts");
    if (type !== wanted) throw new Error(`it gives ${type ?? "nothing"}, and ${wanted} is wanted`);
    return parsed({ ...facts });
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
