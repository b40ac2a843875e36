import { type Fact, fact } from "./fact.ts";
import type { FoundVariable } from "./facts.ts";

/**
 * The variables that an example environment file names, with the comment above each; never a value. The comment alone
 * says whether one may be missing.
 */
export function scanEnvExample(text: string, file: string): Fact<FoundVariable>[] {
  const facts: Fact<FoundVariable>[] = [];
  let comment: string[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const words = /^\s*#\s?(.*)$/.exec(line)?.[1];
    const name = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=/.exec(line)?.[1];
    // Compose's own settings are none of the application.
    if (name !== undefined && !name.startsWith("COMPOSE_")) {
      facts.push(fact(describe(name, comment.join(" ").trim()), { file, line: i + 1 }, name));
    }
    comment = words === undefined ? [] : [...comment, words];
  }
  return facts;
}

function describe(name: string, comment: string): FoundVariable {
  const required = /\boptional\b/i.test(comment)
    ? { required: false }
    : /\b(?:required|mandatory)\b/i.test(comment) && !/\bnot (?:required|mandatory)\b/i.test(comment)
      ? { required: true }
      : {};
  return { name, ...required, ...(comment === "" ? {} : { description: comment }) };
}
