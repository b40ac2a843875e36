import type { Outcome } from "./execute.ts";

/**
 * How a command that failed came to its end, as the end of a sentence; null where nothing is known beyond that. What to do
 * next is another matter when its time was over than when it said no.
 */
export function howItFailed({
  outcome,
  ended,
  exit,
}: Pick<Outcome, "outcome" | "ended" | "exit">): string | null {
  if (outcome !== "failed") return null;
  if (ended === "timeout") return "took longer than it may, and was ended";
  if (ended === "interrupt") return "was interrupted, and ended";
  return exit === null || exit === 0 ? null : `ended with exit status ${exit}`;
}
