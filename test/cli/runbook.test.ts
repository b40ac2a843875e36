import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runIn } from "../helpers/cli.ts";
import { gateWorkspace, ID, letterStep, runbookText } from "../runbook/gate-workspace.ts";

const EMPTY = "20261120T150000Z-aaaaaaaa";

/** A runbook with a raw step, and a folder that holds no runbook.md. */
function twoRunbooks() {
  const space = gateWorkspace();
  space.writeRunbook(runbookText({ steps: letterStep(1, space.host, "A") }));
  mkdirSync(join(space.project.root, "runbooks", EMPTY));
  return space;
}

test("runbook lint names one that has no runbook.md as a finding, and looks at the others", async () => {
  const { project } = twoRunbooks();
  const { exit, stdout } = await project.vibeops("runbook", "lint", "--json");
  expect(exit).toBe(4);
  const { result } = JSON.parse(stdout);
  expect(result.runbooks).toEqual([EMPTY, ID]);
  expect(result.findings).toMatchObject([
    { rule: "file.missing", message: "this runbook's folder holds no runbook.md", fix: expect.any(String) },
    { rule: "runbook.raw" },
  ]);
  expect(await project.vibeops("runbook", "lint", "aaaaaaaa")).toMatchObject({ exit: 4, stderr: "" });
});

test("runbook lint looks once at one that is named twice, and says once what is wrong with inventory.yaml", async () => {
  const { project } = twoRunbooks();
  const { stdout } = await project.vibeops("runbook", "lint", ID, "m2x9vaq4", "--json");
  expect(JSON.parse(stdout).result.runbooks).toEqual([ID]);
  const text = runbookText({ steps: "### 1. Look\n```sh check host=here\ntrue\n```" });
  project.write(`runbooks/${EMPTY}/runbook.md`, text.replace(ID, EMPTY));
  project.write("inventory.yaml", "hosts: [\n");
  const broken = JSON.parse((await project.vibeops("runbook", "lint", "--json")).stdout).result;
  expect(broken.findings).toMatchObject([{ rule: "yaml.syntax" }]);
});

test("runbook list says why a runbook is broken, as its JSON does", async () => {
  const { project } = twoRunbooks();
  const { stdout } = await project.vibeops("runbook", "list");
  expect(stdout).toContain("aaaaaaaa  broken  this runbook's folder holds no runbook.md");
  project.write(`runbooks/${ID}/runbook.md`, "---\nid: x\n---\n");
  expect((await project.vibeops("runbook", "list")).stdout).toMatch(
    /m2x9vaq4 {2}broken {2}'x' is no id \(line 2\)/,
  );
});

test("from a folder further in, a file is named as it is reached from there", async () => {
  const { project, context } = twoRunbooks();
  const inside = join(project.root, "runbooks", ID);
  const { stdout } = await runIn(inside, context, ["runbook", "lint", ID]);
  expect(stdout).toMatch(/^runbook\.md:\d+: warning/);
  const shown = await runIn(join(project.root, "runbooks"), context, ["runbook", "show", ID]);
  expect(shown.stdout).toMatch(new RegExp(`^${ID}/runbook.md\n`));
  writeFileSync(join(inside, "runbook.md"), "---\nid: x\n---\n");
  expect((await runIn(inside, context, ["runbook", "compile", ID])).stderr).toContain("at: runbook.md:2");
  rmSync(join(inside, "runbook.md"));
});

test("runbook compile says whether it wrote what it shows", async () => {
  const { project, host } = gateWorkspace();
  const call = `use: wait\nhost: here\nwith: { seconds: 1 }`;
  const step = `### 2. Wait\n\n\`\`\`yaml action\n${call}\n\`\`\`\n`;
  const path = `runbooks/${ID}/runbook.md`;
  const before = runbookText({ steps: letterStep(1, host, "A") + step });
  project.write(path, before);
  for (const [flag, exit] of [
    ["--dry-run", 0],
    ["--check", 4],
  ] as const) {
    const shown = await project.vibeops("runbook", "compile", ID, flag);
    expect(shown).toMatchObject({ exit, stderr: "" });
    expect(shown.stdout).toMatch(/^\+sleep 1$[\s\S]*^Nothing was written\.$/m);
    expect(project.read(path)).toBe(before);
  }
  const { result } = JSON.parse(
    (await project.vibeops("runbook", "compile", ID, "--dry-run", "--json")).stdout,
  );
  expect(result).toMatchObject({ changed: true, written: false });
  expect((await project.vibeops("runbook", "compile", ID)).stdout).toContain(`Wrote ${path}.`);
  expect(project.read(path)).toContain("sleep 1");
  const again = JSON.parse((await project.vibeops("runbook", "compile", ID, "--json")).stdout);
  expect(again.result).toEqual({ id: ID, changed: false, written: false });
});
