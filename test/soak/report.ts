import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import type { Part } from "./part.ts";

export interface Outcome {
  part: Part;
  result: string;
  failed: boolean;
  seconds: number;
}

const FILE = "docs/reliability.md";
const [BEGIN, END] = ["<!-- soak: begin -->", "<!-- soak: end -->"];

export function printTable(outcomes: readonly Outcome[]): void {
  for (const { part, result, seconds, failed } of outcomes)
    process.stdout.write(
      `${failed ? "✗" : "✓"} ${part.name} (${seconds} s)\n    ${result.replaceAll("\n", "\n    ")}\n`,
    );
}

/** Puts an entry for each part that ran between the markers; a part that did not run keeps its own. */
export function writeReport(outcomes: readonly Outcome[]): void {
  const text = readFileSync(FILE, "utf8");
  const [begin, end] = [text.indexOf(BEGIN) + BEGIN.length, text.indexOf(END)];
  if (begin < BEGIN.length || end < begin) throw new Error(`${FILE} has no markers`);
  const entries = new Map(
    text
      .slice(begin, end)
      .split(/^(?=- `)/m)
      .flatMap((entry): [string, string][] => {
        const name = /^- `([a-z]+)`/.exec(entry)?.[1];
        return name === undefined ? [] : [[name, entry.trimEnd()]];
      }),
  );
  for (const outcome of outcomes) entries.set(outcome.part.name, entryOf(outcome));
  writeFileSync(FILE, `${text.slice(0, begin)}\n\n${[...entries.values()].join("\n")}\n\n${text.slice(end)}`);
}

/** A list and no table: its lines would all be as wide as the widest. */
function entryOf({ part, result, seconds }: Outcome): string {
  const took = seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  const [first = "", ...more] = result.split("\n");
  return [
    `- \`${part.name}\`: ${part.proves}`,
    `  - **${first}** (${took}; ${tools()})`,
    ...more.map((line) => `  - ${line}`),
  ].join("\n");
}

function tools(): string {
  const run = (...args: string[]) => execFileSync("git", args, { encoding: "utf8" }).trim();
  const changed = run("status", "--porcelain", "--", "src") === "" ? "" : " and changes";
  return `${run("rev-parse", "--short=10", "HEAD")}${changed}, Node ${process.versions.node}, ${run("--version")}`;
}
