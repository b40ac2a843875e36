import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { intakeMail } from "../../../src/memo/intake.ts";
import { loadProject } from "../../../src/project/project.ts";
import { testContext } from "../../helpers/context.ts";
import { openDesk } from "../faults/office.ts";
import { startProgram } from "./processes.ts";

export interface CrowdReport {
  delivered: number;
  /** How often a reader looked at the inbox, and how many memos it read in all. */
  looks: number;
  read: number;
  accepted: number;
  problems: string[];
}

/**
 * Many processes deliver into one inbox, each with a clock an hour off its neighbour's and every tenth memo twice, while
 * others read it. Then the receiver takes everything in, in one commit.
 *
 * @param child the bundled `child.ts`
 */
export async function runCrowd(
  directory: string,
  child: string,
  { writers, memos, readers }: { writers: number; memos: number; readers: number },
): Promise<CrowdReport> {
  const context = { ...testContext(join(directory, "home")), now: () => new Date() };
  const names = Array.from({ length: writers }, (_, i) => `writer-${i}`);
  const desk = openDesk(join(directory, "infra"), context);
  mkdirSync(join(directory, "home"), { recursive: true });
  mkdirSync(join(desk.root, "memos/incoming"), { recursive: true });
  desk.git("init", "--quiet", "--initial-branch=main", "--template=");
  desk.write(
    "vibeops.yaml",
    [
      "project: infra",
      "agents: { worker: { provider: builtin } }",
      `peers: { ${names.map((name) => `${name}: { path: ../${name} }`).join(", ")} }`,
      `accepts: [${names.map((name) => `{ from: ${name} }`).join(", ")}]`,
      "",
    ].join("\n"),
  );
  desk.git("add", ".");
  desk.git("commit", "--quiet", "-m", "Start");

  const reading = Array.from({ length: readers }, () => startProgram(child, ["read", desk.root], context));
  const writing = names.map((name, i) =>
    startProgram(child, ["write", desk.root, name, `${memos}`, `${i - Math.floor(writers / 2)}`], context),
  );
  const problems: string[] = [];
  for (const [i, { ended }] of writing.entries())
    if ((await ended) !== 0) problems.push(`writer ${i} failed`);
  for (const { child: reader } of reading) reader.kill("SIGTERM");
  for (const { ended } of reading) if ((await ended) !== 0) problems.push("a reader failed");
  const seen = reading.flatMap(({ lines }) => lines);
  problems.push(...seen.filter((line) => line.startsWith("bad ")));
  const [looks = 0, read = 0] = sum(seen.filter((line) => line.startsWith("read ")));
  const acknowledged = writing.flatMap(({ lines }) => lines.filter((line) => line.startsWith("delivered ")));

  const report = await intakeMail(loadProject(desk.root), {
    ...context,
    now: () => new Date(Date.now() + 86_400_000),
  });
  const taken = new Set(report.accepted.map(({ memo }) => memo.id));
  problems.push(...report.quarantined.map(({ name, error }) => `${name} was set aside: ${error.message}`));
  problems.push(...report.left.map(({ name, error }) => `${name} was left: ${error.message}`));
  for (const line of acknowledged) if (!taken.has(line.slice(10))) problems.push(`${line}, and not there`);
  if (desk.git("status", "--porcelain", "--", "memos") !== "") problems.push("something is in no commit");
  desk.git("fsck", "--strict");
  rmSync(directory, { recursive: true });
  return { delivered: acknowledged.length, looks, read, accepted: report.accepted.length, problems };
}

function sum(lines: readonly string[]): number[] {
  return lines.reduce<number[]>((total, line) => {
    return line
      .split(" ")
      .slice(1)
      .map((number, i) => (total[i] ?? 0) + Number(number));
  }, []);
}
