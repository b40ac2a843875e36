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
      `${failed ? "✗" : "✓"} ${part.name} (${seconds} s)\n    ${result.replaceAll("<br>", "\n    ")}\n`,
    );
}

/** Puts the rows of what ran into the table between the markers; a part that did not run keeps its row. */
export function writeReport(outcomes: readonly Outcome[]): void {
  const text = readFileSync(FILE, "utf8");
  const [begin, end] = [text.indexOf(BEGIN) + BEGIN.length, text.indexOf(END)];
  if (begin < BEGIN.length || end < begin) throw new Error(`${FILE} has no markers`);
  const rows = new Map(
    text
      .slice(begin, end)
      .split("\n")
      .flatMap((line): [string, string][] => {
        const name = /^\| `([a-z]+)` \|/.exec(line)?.[1];
        return name === undefined ? [] : [[name, line]];
      }),
  );
  for (const outcome of outcomes) rows.set(outcome.part.name, rowOf(outcome));
  const table = [
    "| part | what it shows | result | took | with |",
    "|---|---|---|---|---|",
    ...rows.values(),
  ];
  writeFileSync(FILE, `${text.slice(0, begin)}\n\n${table.join("\n")}\n\n${text.slice(end)}`);
}

function rowOf({ part, result, seconds }: Outcome): string {
  const took = seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  return `| \`${part.name}\` | ${part.proves} | ${result} | ${took} | ${tools()} |`;
}

function tools(): string {
  const run = (...args: string[]) => execFileSync("git", args, { encoding: "utf8" }).trim();
  const changed = run("status", "--porcelain", "--", "src") === "" ? "" : " and changes";
  return `${run("rev-parse", "--short=10", "HEAD")}${changed}, Node ${process.versions.node}, ${run("--version")}`;
}
