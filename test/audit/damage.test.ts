import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { type GateWorkspace, ID } from "../runbook/gate-workspace.ts";
import {
  approvalPath,
  archivedPath,
  audit,
  change,
  finishedWorkspace,
  recordPath,
} from "./finished-workspace.ts";

let space: GateWorkspace;
beforeEach(async () => {
  space = await finishedWorkspace();
});

const git = (...args: string[]) => space.project.git(...args).trim();

interface Found {
  rule: string;
  message: string;
  fix: string;
}

async function findings(): Promise<{ exit: number; found: Found[]; counts: Record<string, number> }> {
  const { exit, text } = await audit(space);
  const { result } = JSON.parse(text);
  return { exit, found: result.findings, counts: result };
}

function spoil(name: string): string {
  const id = git("rev-parse", name);
  const file = join(space.project.root, ".git/objects", id.slice(0, 2), id.slice(2));
  chmodSync(file, 0o644);
  writeFileSync(file, "garbage");
  return id;
}

describe("an object of git that is damaged is named, and the rest is looked at all the same", () => {
  test.each([
    ["HEAD itself", "HEAD", "the history"],
    ["a commit further back", "HEAD~2", "the history"],
    ["a folder in a commit", "HEAD~1:runbooks", "the history"],
    ["what a record once was", `HEAD:runbooks/${ID}/records`, "the history"],
  ])("%s", async (_, name, what) => {
    const id = spoil(name);
    const record = join(space.project.root, `runbooks/${ID}/runbook.md`);
    change(record, (text) => text.replace("What it does.", "What else it does."));
    const { exit, found, counts } = await findings();
    expect(exit).toBe(4);
    expect(counts).toMatchObject({ runbooks: 1, approvals: 1, signatures: 2 });
    const damage = found.find(({ message }) => message.includes(id) && message.includes(what));
    expect(damage).toMatchObject({
      rule: "audit.objects",
      fix: expect.stringContaining("git fetch --refetch"),
    });
    // What a seal says of runbook.md needs no git, and nobody is told that the history was rewritten.
    expect(found.map(({ rule }) => rule)).toContain("audit.seal");
    expect(found.map(({ rule }) => rule)).not.toContain("audit.history");
  });

  test("words that came in with a memo", async () => {
    const path = git("log", "--format=", "--name-only", "--diff-filter=A", "--", "memos/incoming").split(
      "\n",
    )[0];
    const commit = git("log", "--format=%H", "--diff-filter=A", "--", path ?? "");
    const id = spoil(`${commit}:${path}`);
    const { exit, found } = await findings();
    expect(exit).toBe(4);
    expect(found.some(({ message }) => message.includes(id) || message.includes(id.slice(2)))).toBe(true);
  });
});

test("settings of git that cannot be read are an error with the line, and how to mend it", async () => {
  appendFileSync(join(space.project.root, ".git/config"), "[broken\n");
  const { exit, stderr } = await space.project.vibeops("audit", "verify");
  expect(exit).toBe(4);
  expect(stderr).toMatch(/git cannot read its settings: line \d+ of \.git\/config/);
  expect(stderr).toContain("fix: correct it in an editor");
});

test("a named pipe in the place of a file of git's is an error that names it, and nothing waits for it", async () => {
  execFileSync("mkfifo", [join(space.project.root, ".git/objects/info/alternates")]);
  const { exit, stderr } = await space.project.vibeops("audit", "verify");
  expect(exit).toBe(5);
  expect(stderr).toContain("a named pipe lies where git expects a file");
  expect(stderr).toContain(".git/objects/info/alternates");
});

describe("what became of a file that was committed is said", () => {
  const linkTo = (path: string) => {
    renameSync(path, `${space.space.directory}/elsewhere`);
    symlinkSync(`${space.space.directory}/elsewhere`, path);
  };

  test.each([
    [
      "an archived memo that is a link now",
      () => archivedPath(space),
      "this memo was kept, and it became a symbolic link",
    ],
    ["one whose folder is a link now", () => dirname(archivedPath(space)), "became a symbolic link"],
    ["a decision", () => approvalPath(space), "this file was committed, and it became a symbolic link"],
    ["the folder of decisions", () => dirname(approvalPath(space)), "'approvals' is a symbolic link"],
  ])("%s", async (_, path, message) => {
    linkTo(path());
    const { exit, found } = await findings();
    expect(exit).toBe(4);
    expect(found.map((one) => one.message).join("\n")).toContain(message);
    expect(found.map((one) => one.message).join("\n")).not.toContain("it is gone");
  });

  test("a folder of records that is a link now, and what else of its runbook can be looked at is", async () => {
    linkTo(dirname(recordPath(space)));
    const { exit, found, counts } = await findings();
    expect(exit).toBe(4);
    expect(counts).toMatchObject({ runbooks: 1, approvals: 1, records: 0, seals: 1, signatures: 2 });
    const message = "'records' is a symbolic link where a real folder is needed";
    expect(found).toContainEqual(expect.objectContaining({ rule: "file.symlink", message }));
  });

  test("a memo that is a named pipe now, a folder now, or gone", async () => {
    const file = archivedPath(space);
    rmSync(file);
    const said = async () => (await findings()).found.map(({ message }) => message).join("\n");
    expect(await said()).toContain("this memo was kept, and it is gone");
    execFileSync("mkfifo", [file]);
    expect(await said()).toContain("this memo was kept, and it became a named pipe");
    rmSync(file);
    mkdirSync(file);
    expect(await said()).toContain("this memo was kept, and it became a folder");
  });
});

describe("what lies among the decisions and belongs to none is told", () => {
  test("a decision about another runbook, and a second copy of one of this", async () => {
    const folder = dirname(approvalPath(space));
    const other = "20261120T150000Z-aaaaaaaa";
    copyFileSync(approvalPath(space), join(folder, `${other}.yaml`));
    copyFileSync(`${approvalPath(space)}.sig`, join(folder, `${other}.yaml.sig`));
    const away = join(space.project.root, "runbooks", ID.replace(/.$/, "0"));
    mkdirSync(join(away, "approvals"), { recursive: true });
    execFileSync("cp", ["-r", approvalPath(space), `${approvalPath(space)}.sig`, join(away, "approvals")]);
    const text = execFileSync("cat", [join(space.project.root, `runbooks/${ID}/runbook.md`)], {
      encoding: "utf8",
    });
    writeFileSync(join(away, "runbook.md"), text.replaceAll(ID, ID.replace(/.$/, "0")));
    const { exit, found } = await findings();
    expect(exit).toBe(4);
    const messages = found
      .filter(({ rule }) => rule === "audit.foreign-approval")
      .map(({ message }) => message);
    expect(messages).toContainEqual(
      expect.stringMatching(/^this decision lies under another name than its own/),
    );
    expect(messages).toContain(`this decision is about another runbook, ${ID}`);
  });

  test("anything else is a warning", async () => {
    const folder = dirname(approvalPath(space));
    for (const name of ["notes.txt", "20261120T150000Z-aaaaaaaa.yaml.sig"])
      writeFileSync(join(folder, name), "x");
    const { exit, found } = await findings();
    expect(exit).toBe(0);
    expect(found).toMatchObject([{ level: "warning" }, { level: "warning" }]);
  });
});
