import type { TaskItem } from "../text/blocks.ts";

const VERBS = wordsIn("deploy redeploy release carry roll run go verify start restart install");

/** What such an item may say besides, and the words of the runbook's title. */
const PLAIN = wordsIn(
  "it this that the a its new out to on in at and please version release service container image runbook deployment",
  "verification configuration compose file site proxy host server live production staging answers works runs healthy",
  "is up",
);

function wordsIn(...lines: readonly string[]): Set<string> {
  return new Set(lines.flatMap((line) => line.split(" ")));
}

/**
 * The open boxes that carrying a runbook out and verifying it fulfils: each part of the item ("… and …", "…, …") begins
 * with what was done, and names nothing that the runbook does not. What is not understood stays open: a memo that is
 * finished too early takes its open work into the archive.
 */
export function findCarriedOutItems(items: readonly TaskItem[], title: string): TaskItem[] {
  const known = new Set([...PLAIN, ...VERBS, ...wordsOf(title)]);
  return items.filter((item) => !item.checked && isCarriedOut(item.text, known));
}

function isCarriedOut(text: string, known: ReadonlySet<string>): boolean {
  const parts = text.split(/[,;&+]|\band\b|\bthen\b/i).map(wordsOf);
  const said = parts.filter((words) => words.length > 0);
  return (
    said.length > 0 &&
    said.every((words) => {
      const [first = ""] = words.filter((word) => word !== "please");
      return VERBS.has(first) && words.every((word) => known.has(word));
    })
  );
}

function wordsOf(text: string): string[] {
  const words = text.toLowerCase().split(/[\s`*_"'():!?]+/);
  return words.map((word) => word.replace(/\.+$/, "")).filter((word) => word !== "");
}
