import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { closeRunbook } from "../../src/runbook/close.ts";
import { verifyRunbook } from "../../src/runbook/verification.ts";
import { walkRunbook } from "../../src/runbook/walk.ts";
import { keepCopy } from "../helpers/kept-copy.ts";
import {
  ADA,
  type GateWorkspace,
  gateWorkspace,
  ID,
  letterStep,
  runbookText,
} from "../runbook/gate-workspace.ts";
import { scriptedOperator } from "../runbook/scripted-operator.ts";

export const facts = { terminal: true };

/** What {@link makeFinished} made, and a copy of its folder as it was then. */
let finished: { readonly space: GateWorkspace; readonly restore: () => void } | undefined;

/**
 * A runbook that was approved, walked, verified and closed, and a memo that came in, was finished and archived. Made
 * once; each test has it again as it was, in the same place.
 */
export async function finishedWorkspace(): Promise<GateWorkspace> {
  finished ??= await keepFinished();
  const { space, restore } = finished;
  restore();
  onTestFinished(() => rmSync(space.space.directory, { recursive: true, force: true }));
  return space;
}

async function keepFinished() {
  const space = await makeFinished();
  const kept = mkdtempSync(join(tmpdir(), "vibeops-test-kept-"));
  process.on("exit", () => rmSync(kept, { recursive: true, force: true }));
  return { space, restore: keepCopy(space.space.directory, kept) };
}

async function makeFinished(): Promise<GateWorkspace> {
  const space = gateWorkspace();
  await finishMemo(space);
  space.writeRunbook(runbookText({ steps: letterStep(1, space.host, "A") + letterStep(2, space.host, "B") }));
  await space.approve();
  await walkRunbook(space.gate(), ID, { mode: "ssh", operator: scriptedOperator(["run", "run"]), facts });
  await verifyRunbook(space.gate(), ID, { mode: "ssh", operator: scriptedOperator([]), facts });
  await closeRunbook(space.gate(), ID, { principal: ADA, facts, sign: space.sign });
  return space;
}

async function finishMemo({ project }: GateWorkspace): Promise<void> {
  await must(
    project.vibeops("memo", "new", "Tidy up", "--to", "infra", "--body", "Please.", "--item", "Do it"),
  );
  await must(project.vibeops("session", "start"));
  await must(project.vibeops("memo", "check", "tidy-up", "1"));
  await must(project.vibeops("memo", "done", "tidy-up", "--note", "Done."));
}

async function must(run: Promise<{ exit: number; stdout: string; stderr: string }>): Promise<void> {
  const { exit, stderr } = await run;
  expect(stderr).toBe("");
  expect(exit).toBe(0);
}

export interface Audit {
  exit: number;
  rules: string[];
  text: string;
}

export async function audit(space: GateWorkspace, ...flags: string[]): Promise<Audit> {
  const { exit, stdout } = await space.project.vibeops("audit", "verify", "--json", ...flags);
  const { result } = JSON.parse(stdout);
  return { exit, rules: result.findings.map(({ rule }: { rule: string }) => rule), text: stdout };
}

function onlyFile(space: GateWorkspace, folder: string, pattern: RegExp): string {
  const name = readdirSync(join(space.project.root, folder)).find((one) => pattern.test(one));
  return join(space.project.root, folder, name ?? "missing");
}

export const recordPath = (space: GateWorkspace) => onlyFile(space, `runbooks/${ID}/records`, /^2/);
export const approvalPath = (space: GateWorkspace) => onlyFile(space, `runbooks/${ID}/approvals`, /\.yaml$/);
export const archivedPath = (space: GateWorkspace) => {
  const month = readdirSync(join(space.project.root, "memos/archived")).find((name) => /^\d/.test(name));
  return onlyFile(space, `memos/archived/${month}`, /tidy-up/);
};

export function change(path: string, edit: (text: string) => string): void {
  const before = readFileSync(path, "utf8");
  const after = edit(before);
  expect(after).not.toBe(before);
  writeFileSync(path, after);
}

export function commit({ project }: GateWorkspace): void {
  project.git("add", "--all");
  project.git("commit", "--quiet", "-m", "Innocent");
}
