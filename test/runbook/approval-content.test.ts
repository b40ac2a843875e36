import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { requireApproval } from "../../src/runbook/approval.ts";
import { loadRunbook } from "../../src/runbook/runbook-folder.ts";
import { formatStatement, parseStatement, type Statement } from "../../src/runbook/statement.ts";
import { APPROVAL_NAMESPACE } from "../../src/runbook/trust.ts";
import { type GateWorkspace, gateWorkspace, ID, letterStep, runbookText } from "./gate-workspace.ts";

function prepared(files: string): GateWorkspace {
  const space = gateWorkspace();
  space.project.write("deploy/a.sh", "exit 0\n");
  const steps = `${letterStep(1, space.host, "A")}\n${letterStep(2, space.host, "B")}`;
  space.writeRunbook(runbookText({ files, steps }));
  return space;
}

const NO_FILE = { path: "deploy/other.sh", sha256: "absent" };

/** What a person may have signed with a tool of their own, in canonical form. */
const others: [string, (statement: Statement) => Partial<Statement>][] = [
  ["a file more", ({ files }) => ({ files: [...files, NO_FILE] })],
  ["a file twice", ({ files }) => ({ files: [...files, ...files] })],
  ["a step twice", ({ steps }) => ({ steps: [...steps, ...steps.slice(1)] })],
  ["the steps the other way round", ({ steps }) => ({ steps: steps.toReversed() })],
  ["a host twice", ({ hosts }) => ({ hosts: [...hosts, ...hosts] })],
  ["another title", ({ runbook }) => ({ runbook: { ...runbook, title: "Look, no hands" } })],
  ["an action more", () => ({ actions: [{ name: "compose.up", sha256: "0".repeat(64) }] })],
];

test.each(others)("a signed statement that says otherwise is about something else: %s", async (_, change) => {
  const space = prepared("[deploy/a.sh]");
  await space.approve();
  const folder = join(space.project.root, "runbooks", ID, "approvals");
  const file = join(folder, readdirSync(folder).find((name) => name.endsWith(".yaml")) ?? "");
  const statement = parseStatement(readFileSync(file), file);
  const ask = () => requireApproval(space.gate(), loadRunbook(space.gate().project, ID));
  await ask();
  const bytes = Buffer.from(formatStatement({ ...statement, ...change(statement) }));
  writeFileSync(file, bytes);
  writeFileSync(`${file}.sig`, await space.sign(bytes, APPROVAL_NAMESPACE));
  await expect(ask()).rejects.toMatchObject({
    code: "approval.lapsed",
    facts: { reason: "digest" },
    message: expect.stringContaining("is not what stands there") as string,
  });
});

test("an approval does not commit a file that git was told to ignore, and covers it all the same", async () => {
  const space = prepared("[deploy/a.sh, deploy/local.conf]");
  space.project.write(".gitignore", ".vibeops/\n*.conf\n");
  space.project.write("deploy/local.conf", "level = 1\n");
  space.project.write("deploy/a.sh", "exit 0 # later\n");
  await space.approve();
  expect(space.project.git("ls-files", "deploy").trim()).toBe("deploy/a.sh");
  expect(space.project.git("status", "--short", "deploy")).toBe("");
  const ask = () => requireApproval(space.gate(), loadRunbook(space.gate().project, ID));
  await ask();
  space.project.write("deploy/local.conf", "level = 2\n");
  await expect(ask()).rejects.toThrow("file deploy/local.conf changed");
});

test("an approval leaves a submodule in the tree the link that it is", async () => {
  const space = prepared("[deploy/sub/b.sh]");
  const sub = join(space.project.root, "deploy/sub");
  mkdirSync(sub);
  const inSub = (...args: string[]) =>
    execFileSync("git", args, { cwd: sub, env: space.context.env as NodeJS.ProcessEnv, stdio: "pipe" });
  inSub("init", "-q");
  writeFileSync(join(sub, "b.sh"), "exit 0\n");
  inSub("add", ".");
  inSub("commit", "-qm", "Start");
  space.project.git("add", "deploy/sub");
  space.project.git("commit", "-qm", "Add a submodule");
  await space.approve();
  expect(space.project.git("ls-tree", "HEAD", "deploy/sub")).toMatch(/^160000 commit /);
  await requireApproval(space.gate(), loadRunbook(space.gate().project, ID));
});

test.each([".git/config", "deploy/.GIT/x", "git~1/config", ".git./config"])(
  "what is git's own is no file of a runbook: %s",
  (path) => {
    const space = gateWorkspace();
    const text = runbookText({ files: JSON.stringify([path]), steps: letterStep(1, space.host, "A") });
    expect(() => space.writeRunbook(text)).toThrow("is no path inside the project");
  },
);
