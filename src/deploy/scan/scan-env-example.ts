import { readEnvLines } from "../compose-file/env-values.ts";
import { type Fact, fact } from "./fact.ts";
import type { FoundVariable } from "./facts.ts";

/**
 * The variables that an example environment file names, with the comment above each; never a value. The comment alone
 * says whether one may be missing.
 */
export function scanEnvExample(text: string, file: string): Fact<FoundVariable>[] {
  const lines = text.split(/\r?\n/);
  return scanEnvNames(text, file).map((found) => ({
    ...found,
    value: describe(found.value.name, commentAbove(lines, found.line - 1)),
  }));
}

/** The names alone: what stands around them in a file that is in use is nobody else's business. */
export function scanEnvNames(text: string, file: string): Fact<FoundVariable>[] {
  const lines = text.split(/\r?\n/);
  return readEnvLines(text)
    .filter(({ line }) => /^\s*(?:export\s+)?[A-Za-z_][A-Za-z0-9_]*\s*=/.test(lines[line - 1] ?? ""))
    .filter(({ name }) => !isOfCompose(name))
    .map(({ name, line }) => fact({ name }, { file, line }, name));
}

/** Compose's own settings are none of the application. */
function isOfCompose(name: string): boolean {
  return name.startsWith("COMPOSE_");
}

/** Without variables that are commented out: those are values, and of something else. */
function commentAbove(lines: readonly string[], before: number): string {
  let first = before;
  while (first > 0 && /^\s*#/.test(lines[first - 1] ?? "")) first -= 1;
  return lines
    .slice(first, before)
    .filter((line) => !/^\s*#+\s*(?:export\s+)?[A-Za-z_][\w.-]*\s*=/.test(line))
    .map((line) => line.replace(/^\s*#\s?/, ""))
    .join(" ")
    .trim();
}

function describe(name: string, comment: string): FoundVariable {
  const required = /\boptional\b/i.test(comment)
    ? { required: false }
    : /\b(?:required|mandatory)\b/i.test(comment) && !/\bnot (?:required|mandatory)\b/i.test(comment)
      ? { required: true }
      : {};
  return { name, ...required, ...(comment === "" ? {} : { description: comment }) };
}
