import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { mapSideBySide } from "../../../src/platform/side-by-side.ts";
import { copyFolder, openOffice, untilNobodyIsIn } from "./office.ts";
import { SCENARIOS, type Scenario } from "./scenarios.ts";
import { CHANGING, type Fault, listPoints, type Program, runWithFault } from "./trace.ts";
import { judge } from "./verdict.ts";

export interface FaultOptions {
  /** Every so-manieth point; 1 is all of them. */
  every: number;
  /** Names of scenarios; all unless told. */
  only?: readonly string[];
  progress?: (line: string) => void;
}

export interface FaultReport {
  scenario: string;
  points: number;
  /** How many faults came to pass. */
  hit: number;
  problems: string[];
}

/** Puts a fault at system calls of every scenario's command, one a run, and judges what is on the disk afterwards. */
export async function runFaults(options: FaultOptions): Promise<FaultReport[]> {
  const reports: FaultReport[] = [];
  for (const scenario of SCENARIOS) {
    if (options.only !== undefined && !options.only.includes(scenario.name)) continue;
    reports.push(await runScenario(scenario, options));
  }
  return reports;
}

const MEMORY = "/dev/shm";

async function runScenario(scenario: Scenario, { every, progress }: FaultOptions): Promise<FaultReport> {
  // The faults are put there: a disk of its own adds nothing but the time of its syncing.
  const parent = existsSync(MEMORY) ? MEMORY : tmpdir();
  const folder = realpathSync(mkdtempSync(join(parent, "vibeops-soak-")));
  const template = join(folder, "template");
  try {
    await scenario.prepare(openOffice(template, true));
    const faults = (await findFaults(scenario, folder)).filter((_, i) => i % every === 0);
    const report: FaultReport = { scenario: scenario.name, points: faults.length, hit: 0, problems: [] };
    let done = 0;
    await mapSideBySide(faults, availableParallelism(), async (fault, i) => {
      const { wasHit, problems } = await tryFault(scenario, folder, fault, i);
      if (wasHit) report.hit += 1;
      report.problems.push(...problems);
      for (const problem of problems) progress?.(problem);
      done += 1;
      if (done % 50 === 0)
        progress?.(`${scenario.name}: ${done} of ${faults.length}, ${report.problems.length} problems`);
    });
    return report;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A kill at what changes the disk; each call that fails, with the error that it is likely to have. */
async function findFaults(scenario: Scenario, folder: string): Promise<(Fault & { line: string })[]> {
  const points = await listPoints(programIn(scenario, copyOf(folder, "listed"), folder, "listed"));
  return points.flatMap((point, i) => {
    const errors = ERRORS[point.call] ?? (CHANGING.includes(point.call) ? ["EIO", "ENOSPC"] : ["EIO"]);
    const error = { ...point, what: errors[i % errors.length] ?? "EIO" };
    return changesTheDisk(point) ? [{ ...point, what: "KILL" }, error] : [error];
  });
}

/** Errors take turns from call to call; which one it is makes no difference to what is undone. */
const ERRORS: Readonly<Record<string, readonly string[]>> = {
  write: ["EIO", "ENOSPC", "EDQUOT"],
  openat: ["EIO", "EMFILE", "ENOSPC"],
};

function changesTheDisk({ call, line }: { call: string; line: string }): boolean {
  return CHANGING.includes(call) && !line.includes("O_RDONLY");
}

function copyOf(folder: string, name: string): string {
  const copy = join(folder, name);
  copyFolder(join(folder, "template"), copy);
  return copy;
}

function programIn(scenario: Scenario, directory: string, folder: string, name: string): Program {
  const office = openOffice(directory, false);
  const scratch = join(folder, `${name}-scratch`);
  mkdirSync(scratch);
  const argv = [process.execPath, resolve("bin/vibeops.js"), ...scenario.argv(office)];
  return { argv, cwd: office[scenario.at].root, env: office.context.env, scratch };
}

async function tryFault(scenario: Scenario, folder: string, fault: Fault & { line: string }, i: number) {
  const directory = copyOf(folder, `${i}`);
  const program = programIn(scenario, directory, folder, `${i}`);
  const office = openOffice(directory, false);
  const ending = await runWithFault(program, fault);
  await untilNobodyIsIn(office[scenario.at]);
  const who = fault.target === "vibeops" ? "vibeops" : `git ${fault.target.git}`;
  const where = `${scenario.name}, ${who}, ${fault.call} ${fault.when} ${fault.what} (${fault.line.replaceAll(folder, "")})`;
  const problems = await judgeSafely(office, scenario, ending);
  if (problems.length === 0 || process.env.VIBEOPS_SOAK_KEEP === undefined)
    rmSync(directory, { recursive: true, force: true });
  rmSync(program.scratch, { recursive: true, force: true });
  const how = ending.signal ?? `exit ${ending.exit}`;
  return { wasHit: ending.wasHit, problems: problems.map((problem) => `${where}: ${how}: ${problem}`) };
}

async function judgeSafely(...args: Parameters<typeof judge>): Promise<string[]> {
  try {
    return await judge(...args);
  } catch (error) {
    return [
      `the next session failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`.slice(
        0,
        600,
      ),
    ];
  }
}
