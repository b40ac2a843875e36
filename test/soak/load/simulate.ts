import { mkdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { testContext } from "../../helpers/context.ts";
import { startProgram } from "./processes.ts";
import { type SimulationSize, WORK } from "./simulated-work.ts";

/** One kind of work: on how many memos or projects it was done, and how long all of it took, in seconds. */
interface Phase {
  name: string;
  times: number;
  seconds: number;
  /** Of the processor's seconds, those of the programs that were started: git. */
  gitShare: number;
}

export interface SimulationReport {
  phases: Phase[];
  problems: string[];
}

/**
 * Projects that write to each other, with the library and git as everybody uses them: nothing is left out and nothing
 * is stood in for. The projects are shared out to as many processes as there are processors, phase by phase.
 *
 * @param child the bundled `child.ts`
 */
export async function simulate(
  directory: string,
  child: string,
  size: SimulationSize,
  say: (line: string) => void,
): Promise<SimulationReport> {
  const context = { ...testContext(join(directory, "home")), now: () => new Date() };
  mkdirSync(join(directory, "home"), { recursive: true });
  const phases: Phase[] = [];
  const problems: string[] = [];
  const workers = Math.min(8, availableParallelism());
  for (const name of Object.keys(WORK)) {
    const begun = performance.now();
    const started = Array.from({ length: workers }, (_, worker) => {
      const share = [`${size.projects}`, `${size.memos}`, `${worker}`, `${workers}`];
      return startProgram(child, ["simulate", directory, name, ...share], context);
    });
    for (const { ended } of started) if ((await ended) !== 0) problems.push(`${name}: a process failed`);
    const said = started.flatMap(({ lines }) => lines);
    problems.push(...said.filter((line) => line.startsWith("bad ")));
    const [times = 0, own = 0, git = 0] = sumOf(said.filter((line) => line.startsWith("did ")));
    const seconds = (performance.now() - begun) / 1000;
    phases.push({ name, times, seconds, gitShare: git / (own + git) });
    say(`${name}: ${seconds.toFixed(1)} s`);
    if (problems.length > 0) break;
  }
  return { phases, problems };
}

/** Adds up the numbers of lines like `did 1 2 3`, place by place. */
function sumOf(lines: readonly string[]): number[] {
  const rows = lines.map((line) => line.split(" ").slice(1).map(Number));
  return (rows[0] ?? []).map((_, i) => rows.reduce((sum, row) => sum + (row[i] ?? 0), 0));
}
