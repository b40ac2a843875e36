import { expect } from "vitest";
import type { PlayedOperator } from "./operator.ts";
import type { Terminal } from "./terminal.ts";

/** What the person does otherwise than saying yes; steps go by their titles. */
export interface Conduct {
  /** Steps that they leave out, with the reason that the record keeps. */
  skip?: Readonly<Record<string, string>>;
  /** What they do before they say yes to a step. */
  before?: Readonly<Record<string, () => unknown>>;
  /** What they do when a step fails, each once; then they run it again, or what this returns. */
  onFailure?: Readonly<Record<string, () => unknown>>;
  /** The step before which they roll back instead. */
  rollBackBefore?: string;
}

/** A question is the paragraph above its answers, in as many rows as it takes. */
const PROMPT =
  /\n\n((?:(?! {2})[^\n]+\n)+)(?: {2}[^\n]*\n)* {2}[^\n]*> $|Why (?:is step \d+ skipped|do you roll back)[^\n]* $|Every step is done|Rolled back\./;

/**
 * Walks a runbook to its end at a pseudo-terminal; a failure that nobody foresaw ends the test. Returns all that was read,
 * the rows of a host's line as one.
 */
export async function walkAtTerminal(
  operator: PlayedOperator,
  runbook: string,
  conduct: Conduct = {},
): Promise<string> {
  const walk = operator.type("runbook", "run", runbook);
  const failed = new Set<string>();
  let reason = "";
  for (;;) {
    const [found, question = ""] = await walk.expect(PROMPT, { timeout: 120_000 });
    if (found === "Every step is done" || found === "Rolled back.") break;
    const title = currentStep(walk);
    if (found.startsWith("Why")) walk.type(`${reason}\r`);
    else walk.type(`${await answer(question, title)}\r`);
  }
  await walk.exited;
  const unused = Object.keys(conduct.onFailure ?? {}).filter((title) => !failed.has(title));
  expect(unused, "steps that were to fail first").toEqual([]);
  return walk.text.replaceAll(/\r?\n {2}┆ /g, "");

  async function answer(question: string, title: string): Promise<string> {
    if (question.startsWith("Before you start")) return "y";
    if (question.startsWith("Roll back step")) return "run";
    if (question.startsWith("Run ")) return await begin(title);
    if (question.includes("What now?")) return await face(question, title);
    throw new Error(`nobody knows what to answer to "${question}"\n${walk.screen}`);
  }

  async function begin(title: string): Promise<string> {
    reason = conduct.skip?.[title] ?? "it cannot go on yet";
    if (title === conduct.rollBackBefore) return "roll-back";
    if (conduct.skip?.[title] !== undefined) return "skip";
    await conduct.before?.[title]?.();
    return "run";
  }

  async function face(question: string, title: string): Promise<string> {
    const act = failed.has(title) ? undefined : conduct.onFailure?.[title];
    if (act === undefined) throw new Error(`"${title}": ${question}\n${walk.screen}`);
    failed.add(title);
    reason = "it was to fail";
    return (await act()) === "roll-back" ? "roll-back" : "retry";
  }
}

function currentStep(walk: Terminal): string {
  return [...walk.text.matchAll(/^Step \d+ of \d+: (.+?) {3}\S+$/gm)].at(-1)?.[1] ?? "";
}
