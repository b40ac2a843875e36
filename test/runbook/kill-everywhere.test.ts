import { spawn } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { closeRunbook } from "../../src/runbook/close.ts";
import { latestWalk } from "../../src/runbook/latest-walk.ts";
import { readRecord } from "../../src/runbook/record.ts";
import { loadRunbook } from "../../src/runbook/runbook-folder.ts";
import { verifyRunbook } from "../../src/runbook/verification.ts";
import { walkRunbook } from "../../src/runbook/walk.ts";
import { temporaryDirectory } from "../helpers/directory.ts";
import { bundleChild } from "./child.ts";
import { ADA, type GateWorkspace, gateWorkspace, ID, letterStep, runbookText } from "./gate-workspace.ts";
import { scriptedOperator } from "./scripted-operator.ts";

const facts = { terminal: true };

/** All lines that a whole walk of this runbook writes. */
const LINES = [
  "start",
  "locked",
  "confirmed",
  "started",
  "finished",
  "checked",
  "started",
  "finished",
  "checked",
  "unlocked",
  "completed",
];

const points = LINES.flatMap((event, i) => [
  { at: `${i + 1}:noted`, line: i + 1, event },
  { at: `${i + 1}:written`, line: i + 1, event },
]);

function letters({ host }: GateWorkspace): string {
  const file = join(host, "letters");
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

async function walkUntilKilled(space: GateWorkspace, child: string, at: string) {
  const env = space.context.env as NodeJS.ProcessEnv;
  const program = spawn(process.execPath, [child, space.project.root, ID, at], { env, stdio: "ignore" });
  return await new Promise((resolve) => program.on("exit", (_, signal) => resolve(signal)));
}

function loaded(space: GateWorkspace) {
  return loadRunbook(space.gate().project, ID);
}

/** Goes on as a careful person would: what may have run is looked at, what did not is run. */
async function resume(space: GateWorkspace) {
  const base = scriptedOperator([]);
  const answer = (question: string): RegExp => {
    if (!question.includes("nothing says how it ended")) return /^(?:run|yes)$/;
    return letters(space).includes(question.includes("step 1") ? "A" : "B") ? /^ran$/ : /^not-run$/;
  };
  const choose: typeof base.choose = async (question, choices) => {
    base.seen.push(question);
    const choice = choices.find(({ value }) => answer(question).test(value));
    if (choice === undefined) throw new Error(`no answer to ${question}`);
    return choice.value;
  };
  const outcome = await walkRunbook(space.gate(), ID, { mode: "ssh", operator: { ...base, choose }, facts });
  return { ...outcome, seen: base.seen };
}

async function resumeAfter(space: GateWorkspace, line: number, event: string, at: string): Promise<void> {
  const { phase, walk, seen } = await resume(space);
  expect(phase, at).toBe("completed");
  const unknown = seen.filter((question) => question.includes("nothing says how it ended"));
  expect(unknown, at).toHaveLength(event === "started" ? 1 : 0);
  const points = seen.filter((question) => question.startsWith("Before you start"));
  expect(points, at).toHaveLength(line < LINES.indexOf("confirmed") + 1 ? 1 : 0);
  const lines = readRecord(loaded(space).folder, walk).events.map((one) => one.event);
  expect(lines.slice(0, line), at).toEqual(LINES.slice(0, line));
}

test("killed at every line, noted or written: nothing is lost, nothing runs twice, the end is reached", async () => {
  const space = gateWorkspace();
  const { directory } = space.space;
  const text = runbookText({ steps: letterStep(1, space.host, "A") + letterStep(2, space.host, "B") });
  space.writeRunbook(text.replace("## Steps", "## Before you start\n\n- [ ] Tell the others\n\n## Steps"));
  await space.approve();
  const child = await bundleChild("walk-child", directory);
  const snapshot = join(temporaryDirectory(), "approved");
  cpSync(directory, snapshot, { recursive: true });
  for (const { at, line, event } of points) {
    for (const name of readdirSync(directory))
      rmSync(join(directory, name), { recursive: true, force: true });
    cpSync(snapshot, directory, { recursive: true });
    expect(await walkUntilKilled(space, child, at), at).toBe("SIGKILL");
    const before = letters(space);
    if (event !== "completed") await resumeAfter(space, line, event, at);
    expect(letters(space), at).toBe("AB");
    expect("AB".startsWith(before), at).toBe(true);
    const operator = scriptedOperator([]);
    expect((await verifyRunbook(space.gate(), ID, { mode: "ssh", operator, facts })).ok, at).toBe(true);
    expect(latestWalk(loaded(space))?.state.phase, at).toBe("completed");
    const request = { principal: ADA, facts, sign: space.sign };
    expect((await closeRunbook(space.gate(), ID, request)).outcome, at).toBe("completed");
  }
}, 300_000);
