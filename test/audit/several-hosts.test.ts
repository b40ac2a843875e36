import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { sha256 } from "../../src/platform/hash.ts";
import { closeRunbook } from "../../src/runbook/close.ts";
import { verifyRunbook } from "../../src/runbook/verification.ts";
import { walkRunbook } from "../../src/runbook/walk.ts";
import {
  ADA,
  type GateWorkspace,
  gateWorkspace,
  ID,
  letterStep,
  runbookText,
} from "../runbook/gate-workspace.ts";
import { scriptedOperator } from "../runbook/scripted-operator.ts";
import { audit, facts, recordPath } from "./finished-workspace.ts";

type Line = Record<string, unknown>;

/** Makes up a record with right numbers and hashes, as somebody would who knows the format. */
function makeUp(lines: readonly Line[]): string {
  let prev = "0".repeat(64);
  return lines
    .map(({ hash: _hash, prev: _prev, seq: _seq, ...rest }, seq) => {
      const linked = { seq, ...rest, prev };
      const hash = sha256(JSON.stringify(linked));
      prev = hash;
      return `${JSON.stringify({ ...linked, hash })}\n`;
    })
    .join("");
}

/** A runbook with one step host by host and one on both hosts together, walked to its end, verified and closed. */
async function walkedWorkspace(): Promise<GateWorkspace> {
  const space = gateWorkspace();
  const entry = (name: string) => `  ${name}: { transport: local, tier: local, directory: ${space.host} }\n`;
  space.project.write("inventory.yaml", `hosts:\n${entry("here")}${entry("there")}`);
  const steps = (letterStep(1, space.host, "A") + letterStep(2, space.host, "B")).replaceAll(
    "host=here",
    "host=here,there",
  );
  space.writeRunbook(
    runbookText({
      hosts: "[here, there]",
      steps: steps.replace(/(2\. Write B\s+```sh run host=here,there)/, "$1 together"),
      verification: "```sh check host=here,there together\ntrue\n```",
    }),
  );
  await space.approve();
  await walkRunbook(space.gate(), ID, { mode: "ssh", operator: scriptedOperator(["run", "run"]), facts });
  await verifyRunbook(space.gate(), ID, { mode: "ssh", operator: scriptedOperator([]), facts });
  await closeRunbook(space.gate(), ID, { principal: ADA, facts, sign: space.sign });
  return space;
}

async function auditOf(space: GateWorkspace, honest: string, edit: (lines: Line[]) => Line[]) {
  const lines = honest
    .trimEnd()
    .split("\n")
    .map((line): Line => JSON.parse(line));
  writeFileSync(recordPath(space), makeUp(edit(lines)));
  return await audit(space);
}

const is = (line: Line, event: string, step: number, host: string) =>
  line.event === event && line.step === step && line.host === host;

test("an honest record of steps on several hosts is found whole, and record.md says what was where", async () => {
  const space = await walkedWorkspace();
  const honest = readFileSync(recordPath(space), "utf8");
  expect(await auditOf(space, honest, (lines) => lines)).toMatchObject({ exit: 0, rules: [] });
  expect(readFileSync(recordPath(space), "utf8")).toBe(honest);
  const report = space.project.read(`runbooks/${ID}/record.md`);
  expect(report).toContain("step 2, Write B: run on there ok (exit 0)");
  expect(report).toContain("step 1, Write A: check on here passed (exit 0)");
  expect(report).toContain("check 1: check on there passed (exit 0)");
});

const FORGED: readonly [what: string, edit: (lines: Line[]) => Line[], message: string][] = [
  [
    "an end that is missing on one of two hosts",
    (lines) => lines.filter((line) => !is(line, "finished", 2, "there")),
    "step 2 was checked on there before it ran",
  ],
  [
    "a check that is missing on one of two hosts",
    (lines) => lines.filter((line) => !is(line, "checked", 2, "there")),
    "not every step was done",
  ],
  [
    "a second start where it had succeeded",
    (lines) => {
      const again = lines.filter((line) => is(line, "started", 2, "here") || is(line, "finished", 2, "here"));
      const at = lines.findIndex((line) => is(line, "checked", 2, "here"));
      return lines.toSpliced(at, 0, ...again);
    },
    "the run of step 2 on here was started already",
  ],
  [
    "a retry of what had not failed",
    (lines) => {
      const at = lines.findIndex((line) => is(line, "checked", 2, "here"));
      return lines.toSpliced(at, 0, { ...lines[at], event: "retry" });
    },
    "nothing of step 2 had failed",
  ],
  [
    "the second host begun before the first was done",
    (lines) => {
      const moved = lines.filter((line) => is(line, "started", 1, "there"));
      const others = lines.filter((line) => !is(line, "started", 1, "there"));
      return others.toSpliced(
        others.findIndex((line) => is(line, "started", 1, "here")),
        0,
        ...moved,
      );
    },
    "step 1 began on there before it was done on here",
  ],
  [
    "an end that names no host",
    (lines) => lines.map((line) => (is(line, "finished", 2, "here") ? { ...line, host: undefined } : line)),
    "this line does not say on which host of step 2",
  ],
  [
    "a host that the step does not go to",
    (lines) => lines.map((line) => (is(line, "checked", 2, "here") ? { ...line, host: "web9" } : line)),
    "step 2 does not go to web9",
  ],
];

test("a record in which a host's line is missing, made up or moved is named with its host", async () => {
  const space = await walkedWorkspace();
  const honest = readFileSync(recordPath(space), "utf8");
  for (const [what, edit, message] of FORGED) {
    const { exit, rules, text } = await auditOf(space, honest, edit);
    expect(exit, what).toBe(4);
    expect(rules, what).toContain("record.broken");
    expect(text, what).toContain(message);
  }
}, 180_000);
