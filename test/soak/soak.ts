// Everything at full size. `npm run soak` for all of it, with names for some; the result goes into docs/reliability.md
// when all of it ran, or with --write.
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runFaults } from "./faults/run-faults.ts";
import { runCrowd } from "./load/crowd.ts";
import { runKills } from "./load/kills.ts";
import { type SimulationReport, simulate } from "./load/simulate.ts";
import { figure, type Part, requireNone } from "./part.ts";
import { type Outcome, printTable, writeReport } from "./report.ts";
import { runVitest } from "./run-vitest.ts";

const child = join(fileURLToPath(import.meta.url), "../child.mjs");

/** A folder that is gone afterwards; in memory where that is asked for and there is one. */
async function inFolder<T>(act: (folder: string) => Promise<T>, parent = tmpdir()): Promise<T> {
  const folder = realpathSync(mkdtempSync(join(parent, "vibeops-soak-")));
  try {
    return await act(join(folder, "work"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const MEMORY = "/dev/shm";

function filesWithProperties(folder: string): string[] {
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter(
      (file) => file.endsWith(".test.ts") && readFileSync(file, "utf8").includes("helpers/property.ts"),
    );
}

const parts: readonly Part[] = [
  {
    name: "crowd",
    proves:
      "16 processes write 1,000 memos each into one inbox, their clocks an hour apart, while others read: each arrives once, whole",
    run: async () => {
      const size = { writers: 16, memos: 1000, readers: 3 };
      const { delivered, accepted, looks, read, problems } = await inFolder((folder) =>
        runCrowd(folder, child, size),
      );
      const all = size.writers * size.memos;
      requireNone([
        ...problems,
        ...(delivered === all && accepted === all ? [] : [`${delivered} delivered, ${accepted} taken in`]),
      ]);
      return `${figure(accepted)} of ${figure(all)} once; ${figure(looks)} looks at the inbox, ${figure(read)} memos read while they came, none in part`;
    },
  },
  {
    name: "kills",
    proves:
      "whoever sends is killed (SIGKILL) at a random moment, 1,000 times: what was acknowledged has arrived, once",
    run: async (say) => {
      const { kills, acknowledged, arrived, problems } = await inFolder((folder) =>
        runKills(folder, child, 1000, say),
      );
      requireNone(problems);
      return `${figure(kills)} kills; ${figure(acknowledged)} memos acknowledged, none lost; ${figure(arrived)} arrived, none twice`;
    },
  },
  {
    name: "faults",
    proves:
      "a kill and an error (EIO, ENOSPC, EDQUOT, EMFILE) put by strace at the system calls of six commands, and of each git that they start: nothing half-written, nothing acknowledged lost, a retry is clean, the person's own work untouched",
    run: async (say) => {
      const every = Number(process.env.VIBEOPS_SOAK_EVERY ?? 1);
      const only = process.env.VIBEOPS_SOAK_COMMANDS?.split(",");
      const reports = await runFaults({ every, progress: say, ...(only === undefined ? {} : { only }) });
      requireNone(reports.flatMap(({ problems }) => problems));
      const total = reports.reduce((sum, { hit }) => sum + hit, 0);
      const each = reports.map(({ scenario, hit }) => `${scenario} ${figure(hit)}`).join(", ");
      return `${figure(total)} faults${every === 1 ? "" : ` (every ${every}th point)`}: ${each}; no promise broken`;
    },
  },
  {
    name: "commits",
    proves:
      "8 writers with 10 commits each in one work tree, plain git among them: none is lost, `git fsck` is clean",
    run: async () =>
      `${await runVitest(["test/platform/git-commit.test.ts", "-t", "eight writers"])}: 80 of 80 commits`,
  },
  {
    name: "mesh",
    proves:
      "6 clones push 8 times each through one bare repository: 48 of 48, never by force. A link by SSH is cut and mended at random for 60 rounds, and syncs are killed at every system call that changes a name, and 600 times at random: every memo arrives once, `git fsck` is clean",
    run: async () => await runVitest(["test/mesh"], { VIBEOPS_SOAK: "1" }),
  },
  {
    name: "display",
    proves:
      "a million fuzzed strings are shown: no control, bidirectional or separator character gets through but the newline",
    run: async () => {
      await runVitest(["test/text/visible.test.ts", "-t", "never lets"], { VIBEOPS_FUZZ_RUNS: "1000000" });
      return "1,000,000 strings";
    },
  },
  {
    name: "properties",
    proves:
      "any memo that we write reads back the same, any edit leaves the bytes beside it, any bytes are accepted or refused: other seeds than CI's, and 50,000 runs of those that are cheap (memos written and read, blocks, mappings)",
    run: async () => {
      const seed = `${Date.now() % 1_000_000}`;
      const said = await runVitest(["test/memo", "test/state", "test/text"].flatMap(filesWithProperties), {
        VIBEOPS_PROPERTY_SEED: seed,
        VIBEOPS_PROPERTY_RUNS: "50000",
      });
      return `${said} with seed ${seed}`;
    },
  },
  {
    name: "simulate",
    proves:
      "1,000 projects and 100,000 memos with the library and real git: where the time goes (in memory, so that the disk's own syncing is not in it)",
    run: async (say) => {
      const size = { projects: 1000, memos: 100_000 };
      const parent = existsSync(MEMORY) ? MEMORY : tmpdir();
      const report = await inFolder((folder) => simulate(folder, child, size, say), parent);
      requireNone(report.problems);
      return describeSimulation(report);
    },
  },
];

function describeSimulation({ phases }: SimulationReport): string {
  const total = phases.reduce((sum, { seconds }) => sum + seconds, 0);
  const lines = phases.map(({ name, times, seconds, gitShare }) => {
    const each = ((seconds * 1000) / times).toFixed(1);
    return `${name}: ${seconds.toFixed(0)} s (${figure(times)} × ${each} ms, git ${Math.round(gitShare * 100)} %)`;
  });
  return [`${total.toFixed(0)} s in all`, ...lines].join("\n");
}

const asked = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const unknown = asked.filter((name) => !parts.some((part) => part.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `there is no ${unknown.join(", ")}; there are: ${parts.map(({ name }) => name).join(", ")}\n`,
  );
  process.exit(2);
}
const chosen = asked.length === 0 ? parts : parts.filter(({ name }) => asked.includes(name));
const isWritten = asked.length === 0 || process.argv.includes("--write");
const outcomes: Outcome[] = [];
for (const part of chosen) {
  const begun = performance.now();
  const say = (line: string) => process.stderr.write(`  ${part.name}: ${line}\n`);
  say("begins");
  const seconds = () => Math.round((performance.now() - begun) / 1000);
  try {
    outcomes.push({ part, result: await part.run(say), failed: false, seconds: seconds() });
  } catch (error) {
    // One that fails does not keep the others from being run.
    const message = error instanceof Error ? error.message : String(error);
    say(`FAILED: ${message}`);
    outcomes.push({ part, result: `FAILED: ${message.split("\n", 1)[0]}`, failed: true, seconds: seconds() });
  }
  // After each, so that what takes hours may be stopped.
  if (isWritten) writeReport(outcomes.slice(-1));
}
printTable(outcomes);
process.exitCode = outcomes.some(({ failed }) => failed) ? 1 : 0;
