import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { sha256 } from "../../src/platform/hash.ts";
import { closeRunbook } from "../../src/runbook/close.ts";
import { latestWalk } from "../../src/runbook/latest-walk.ts";
import { readRecord } from "../../src/runbook/record.ts";
import { loadRunbook } from "../../src/runbook/runbook-folder.ts";
import { verifyRunbook } from "../../src/runbook/verification.ts";
import { walkRunbook } from "../../src/runbook/walk.ts";
import { temporaryDirectory } from "../helpers/directory.ts";
import { keepCopy } from "../helpers/kept-copy.ts";
import { bundleChild } from "./child.ts";
import { everyProcess } from "./every-process.ts";
import { ADA, type GateWorkspace, gateWorkspace, ID, letterStep, runbookText } from "./gate-workspace.ts";
import { scriptedOperator } from "./scripted-operator.ts";

const facts = { terminal: true };

/** All lines that a whole walk of this runbook writes: one step host by host, and one on both hosts together. */
const LINES = [
  ...["start", "locked", "locked", "confirmed"],
  ...["started", "finished", "checked", "started", "finished", "checked"],
  ...["started", "started", "finished", "finished", "checked", "checked"],
  ...["unlocked", "unlocked", "completed"],
];

const points = LINES.flatMap((event, i) => [
  { at: `${i + 1}:noted`, line: i + 1, event },
  { at: `${i + 1}:written`, line: i + 1, event },
]);

/** How many commands are begun and not heard of again once so many lines are written. */
function openAfter(line: number): number {
  const count = (event: string) => LINES.slice(0, line).filter((one) => one === event).length;
  return count("started") - count("finished");
}

function letters({ host }: GateWorkspace): string {
  const file = join(host, "letters");
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

/** What was begun on the other host when the program was killed comes to its end, one way or the other. */
async function untilNothingRuns({ host }: GateWorkspace): Promise<void> {
  const marks = ["A", "B"].map((letter) => sha256(`printf ${letter} >>${host}/letters\n`));
  while (marks.some((mark) => everyProcess().includes(mark))) await sleep(20);
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
    const [, number] = /The run of step (\d).*nothing says how it ended/.exec(question) ?? [];
    if (number === undefined) return /^(?:run|yes)$/;
    // Both hosts write to one file: more letters than hosts of which the end is known means that this one ran too.
    const run = latestWalk(loaded(space))?.state.steps[Number(number) - 1]?.perHost.run.values() ?? [];
    const known = [...run].filter((progress) => progress === "ok").length;
    return letters(space).split(number === "1" ? "A" : "B").length - 1 > known ? /^ran$/ : /^not-run$/;
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

async function resumeAfter(space: GateWorkspace, line: number, at: string): Promise<void> {
  const { phase, walk, seen } = await resume(space);
  expect(phase, at).toBe("completed");
  const unknown = seen.filter((question) => question.includes("nothing says how it ended"));
  expect(unknown, at).toHaveLength(openAfter(line));
  const points = seen.filter((question) => question.startsWith("Before you start"));
  expect(points, at).toHaveLength(line < LINES.indexOf("confirmed") + 1 ? 1 : 0);
  const lines = readRecord(loaded(space).folder, walk).events.map((one) => one.event);
  expect(lines.slice(0, line), at).toEqual(LINES.slice(0, line));
}

test("killed at every line, noted or written: nothing is lost, nothing runs twice, the end is reached", async () => {
  const space = gateWorkspace();
  const { directory } = space.space;
  const entry = (name: string) => `  ${name}: { transport: local, tier: local, directory: ${space.host} }\n`;
  space.project.write("inventory.yaml", `hosts:\n${entry("here")}${entry("there")}`);
  const steps = letterStep(1, space.host, "A") + letterStep(2, space.host, "B");
  const onBoth = steps.replaceAll("host=here", "host=here,there");
  const text = runbookText({
    hosts: "[here, there]",
    steps: onBoth.replace(/(2\. Write B\s+```sh run host=here,there)/, "$1 together"),
  });
  space.writeRunbook(text.replace("## Steps", "## Before you start\n\n- [ ] Tell the others\n\n## Steps"));
  await space.approve();
  const child = await bundleChild("walk-child", directory);
  const restore = keepCopy(directory, join(temporaryDirectory(), "approved"));
  for (const { at, line, event } of points) {
    restore();
    expect(await walkUntilKilled(space, child, at), at).toBe("SIGKILL");
    await untilNothingRuns(space);
    const before = letters(space);
    if (event !== "completed") await resumeAfter(space, line, at);
    expect(letters(space), at).toBe("AABB");
    expect("AABB".startsWith(before), at).toBe(true);
    const operator = scriptedOperator([]);
    expect((await verifyRunbook(space.gate(), ID, { mode: "ssh", operator, facts })).ok, at).toBe(true);
    expect(latestWalk(loaded(space))?.state.phase, at).toBe("completed");
    const request = { principal: ADA, facts, sign: space.sign };
    expect((await closeRunbook(space.gate(), ID, request)).outcome, at).toBe("completed");
  }
}, 900_000);
