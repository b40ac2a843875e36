import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { auditProject } from "../../src/audit/audit.ts";
import { lastSeenCommit } from "../../src/audit/history.ts";
import { requireGit } from "../../src/platform/git.ts";
import { stateDirectory } from "../../src/platform/person.ts";
import { loadProject } from "../../src/project/project.ts";
import { readTrust } from "../../src/runbook/approval.ts";
import { runIn } from "../helpers/cli.ts";
import { type GateWorkspace, ID } from "../runbook/gate-workspace.ts";
import {
  approvalPath,
  archivedPath,
  audit,
  change,
  commit,
  finishedWorkspace,
} from "./finished-workspace.ts";

/*
 * Whoever writes a project writes its `.git` too: its settings, its attributes, and histories that meet in a merge.
 * Each of these tells a story in which nothing was changed.
 */

let space: GateWorkspace;
beforeEach(async () => {
  space = await finishedWorkspace();
});

const git = (...args: string[]) => space.project.git(...args).trim();

/** Rewrites the archived memo and what came in alike, as if both had always said so. */
function rewriteMemo(): void {
  change(archivedPath(space), (text) => text.replace("Please.", "Now."));
}

describe("a memo that was changed after it was archived is told", () => {
  test("where the tampered words came in by a merge whose first parent is another story", async () => {
    const truth = git("rev-parse", "HEAD");
    rewriteMemo();
    git("add", "--all");
    const tree = git("write-tree");
    const story = git("commit-tree", tree, "-m", "Everything");
    git("reset", "--quiet", "--hard", git("commit-tree", tree, "-p", story, "-p", truth, "-m", "Merge"));
    const { exit, rules } = await audit(space);
    expect(exit).toBe(4);
    expect(rules).toContain("audit.memo-changed");
  });

  test("where a merge undoes what one of its sides did", async () => {
    const before = git("rev-parse", "HEAD");
    git("commit", "--quiet", "--allow-empty", "-m", "Aside");
    const aside = git("rev-parse", "HEAD");
    rewriteMemo();
    git("add", "--all");
    const merge = git("commit-tree", git("write-tree"), "-p", before, "-p", aside, "-m", "Merge");
    git("reset", "--quiet", "--hard", merge);
    git("config", "log.diffMerges", "off");
    const { exit, rules } = await audit(space);
    expect(exit).toBe(4);
    expect(rules).toContain("audit.memo-changed");
  });

  test("where it was in the first commit, which log.showRoot hides", async () => {
    git("checkout", "--quiet", "--orphan", "first");
    git("commit", "--quiet", "-m", "First");
    rewriteMemo();
    commit(space);
    git("config", "log.showRoot", "false");
    const { exit, rules } = await audit(space);
    expect(exit).toBe(4);
    expect(rules).toContain("audit.memo-changed");
  });

  test("where a filter tells git that the file is what was committed, and the filter does not run", async () => {
    const marker = join(space.space.directory, "filtered");
    cpSync(archivedPath(space), join(space.space.directory, "true"));
    change(archivedPath(space), (text) => text.replace("Done.", "Not done."));
    writeFileSync(join(space.project.root, ".git/info/attributes"), "memos/** filter=lie\n");
    git("config", "filter.lie.clean", `touch ${marker}; cat ${join(space.space.directory, "true")}`);
    const { exit, rules } = await audit(space);
    expect(rules).toContain("audit.memo-edited");
    expect(exit).toBe(4);
    expect(existsSync(marker)).toBe(false);
  });

  test("where git is told to show other bytes in place of the true ones", async () => {
    const path = archivedPath(space).slice(space.project.root.length + 1);
    const truth = git("rev-parse", `HEAD:${path}`);
    change(archivedPath(space), (text) => text.replace("Done.", "Not done."));
    git("replace", truth, git("hash-object", "-w", path));
    expect((await audit(space)).rules).toContain("audit.memo-edited");
  });

  test("where the history before the change is cut off", async () => {
    rewriteMemo();
    commit(space);
    writeFileSync(join(space.project.root, ".git/shallow"), `${git("rev-parse", "HEAD")}\n`);
    const { exit, rules } = await audit(space);
    expect(exit).toBe(4);
    expect(rules).toContain("audit.shallow");
  });

  test("where grafts give the changed commit no parent", async () => {
    rewriteMemo();
    commit(space);
    writeFileSync(join(space.project.root, ".git/info/grafts"), `${git("rev-parse", "HEAD")}\n`);
    expect((await audit(space)).rules).toContain("audit.memo-changed");
  });
});

test("a commit whose tree was exchanged in .git under its own name is told", async () => {
  expect(await audit(space)).toMatchObject({ exit: 0, rules: [] });
  const exchange = (name: string, other: string) => {
    const fileOf = (id: string) => join(space.project.root, ".git/objects", id.slice(0, 2), id.slice(2));
    rmSync(fileOf(name));
    cpSync(fileOf(other), fileOf(name));
  };
  const month = dirname(archivedPath(space)).slice(space.project.root.length + 1);
  const truth = git("rev-parse", `HEAD:${month}`);
  rewriteMemo();
  git("add", "--all");
  exchange(truth, git("write-tree", `--prefix=${month}/`));
  const { exit, rules } = await audit(space);
  expect(exit).toBe(4);
  expect(rules).toContain("audit.objects");
});

test("whatever HEAD moves to while an audit runs, what it looked at is what it remembers as seen", async () => {
  const { context } = space;
  const project = loadProject(space.project.root);
  const gate = { project, git: requireGit(project.root, context.env), context };
  const looked = git("rev-parse", "HEAD");
  const onProgress = (what: string) => {
    if (what !== "runbooks" || git("rev-parse", "HEAD") !== looked) return;
    rewriteMemo();
    git("commit", "--quiet", "--all", "--message", "Meanwhile");
  };
  const report = await auditProject({ gate, trust: readTrust(gate), peers: [], onProgress });
  expect(report.head).toBe(looked);
  expect(lastSeenCommit(context.env, project)).toBe(looked);
});

test.each([
  ["fsck.skipList", "/nowhere/list"],
  ["fsck.missingEmail", "sometimes"],
])("where %s in .git/config ends git fsck before it looks at anything, that is told", async (name, value) => {
  git("config", name, value);
  const { exit, rules, text } = await audit(space);
  expect(rules).toContain("audit.objects");
  expect(text).toContain("git fsck ended before it had looked at everything");
  expect(exit).toBe(4);
});

describe("what was committed of a runbook and is reached through a link now is told", () => {
  test.each(["runbooks/ID", "runbooks/ID/records", "runbooks/ID/approvals"])("%s", async (name) => {
    const path = join(space.project.root, name.replace("ID", ID));
    const elsewhere = join(space.space.directory, "elsewhere");
    renameSync(path, elsewhere);
    symlinkSync(elsewhere, path);
    const { exit, rules, text } = await audit(space);
    expect(rules).toContain("audit.gone");
    expect(text).toContain("became a symbolic link");
    expect(exit).toBe(4);
  });
});

test.each(["a folder", "a link"])(
  "record.md that became %s is told, and the rest is looked at",
  async (kind) => {
    const report = join(space.project.root, `runbooks/${ID}/record.md`);
    rmSync(report);
    if (kind === "a folder") mkdirSync(report);
    else symlinkSync("runbook.md", report);
    change(`${approvalPath(space)}.sig`, (text) => `${text}\n`);
    const { exit, rules } = await audit(space);
    expect(rules).toContain("audit.gone");
    expect(rules).toContain("audit.rewritten");
    expect(exit).toBe(4);
  },
);

describe("what was committed of a runbook and lies there no more is told", () => {
  test.each([
    ["its whole folder", (s: GateWorkspace) => join(s.project.root, `runbooks/${ID}`)],
    ["all runbooks", (s: GateWorkspace) => join(s.project.root, "runbooks")],
    ["its seal", (s: GateWorkspace) => join(s.project.root, `runbooks/${ID}/seal.yaml`)],
    ["its records", (s: GateWorkspace) => join(s.project.root, `runbooks/${ID}/records`)],
  ])("%s", async (_, pathOf) => {
    rmSync(pathOf(space), { recursive: true });
    const { exit, rules } = await audit(space);
    expect(exit).toBe(4);
    expect(rules).toContain("audit.gone");
  });

  test("also where git is told not to look there", async () => {
    git("update-index", "--skip-worktree", `runbooks/${ID}/seal.yaml`);
    rmSync(join(space.project.root, `runbooks/${ID}/seal.yaml`));
    expect((await audit(space)).rules).toContain("audit.gone");
  });

  test("a decision that a merge brought other words for", async () => {
    const truth = git("rev-parse", "HEAD");
    change(`${approvalPath(space)}.sig`, (text) => `${text}\n`);
    git("add", "--all");
    const tree = git("write-tree");
    const story = git("commit-tree", tree, "-m", "Everything");
    git("reset", "--quiet", "--hard", git("commit-tree", tree, "-p", story, "-p", truth, "-m", "Merge"));
    expect((await audit(space)).rules).toContain("audit.rewritten");
  });
});

test("a branch that was merged, each side with mail and records of its own, tells of no change", async () => {
  const before = git("rev-parse", "HEAD");
  git("checkout", "--quiet", "-b", "side", "HEAD~3");
  git("commit", "--quiet", "--allow-empty", "-m", "Aside");
  git("merge", "--quiet", "--no-ff", "-m", "Merge", before);
  expect(await audit(space)).toMatchObject({ exit: 0, rules: [] });
});

test("another repository further in is no new beginning for what was seen last", async () => {
  const outer = join(space.space.directory, "outer");
  const root = join(outer, "infra");
  mkdirSync(outer);
  renameSync(space.project.root, root);
  renameSync(join(root, ".git"), join(outer, ".git"));
  const gitIn = (cwd: string, ...args: string[]) =>
    execFileSync("git", args, { cwd, env: space.context.env as NodeJS.ProcessEnv });
  gitIn(outer, "add", "--all");
  gitIn(outer, "commit", "--quiet", "-m", "Move in");
  const verify = async () => await runIn(root, space.context, ["audit", "verify"]);
  expect((await verify()).stdout).not.toContain("history was rewritten");
  gitIn(root, "init", "--quiet");
  gitIn(root, "add", "--all");
  gitIn(root, "commit", "--quiet", "-m", "As if it had always been so");
  expect((await verify()).stdout).toContain("the last audit here saw");
});

test("where it cannot be noted what an audit saw, what it found is told all the same", async () => {
  const seen = join(stateDirectory(space.context.env), "seen");
  rmSync(seen, { recursive: true, force: true });
  // A link to nowhere, in which nobody can make a folder, root included.
  symlinkSync(join(space.space.directory, "gone/seen"), seen);
  const { exit, rules } = await audit(space);
  expect({ exit, rules }).toEqual({ exit: 0, rules: ["audit.unnoted"] });
});

describe("whatever core.worktree says of where the files lie, what was done to a decision is told", () => {
  const remove = () => {
    git("rm", "--quiet", "-r", `runbooks/${ID}/approvals`);
    git("commit", "--quiet", "-m", "Innocent");
    git("checkout", "--quiet", "HEAD~1", "--", `runbooks/${ID}/approvals`);
    git("commit", "--quiet", "-m", "As it was");
  };

  test("in .git/config", async () => {
    remove();
    git("config", "core.worktree", dirname(space.project.root));
    const { exit, rules } = await audit(space);
    expect(rules).toContain("audit.rewritten");
    expect(exit).toBe(4);
  });

  test("in the settings of the work tree alone", async () => {
    remove();
    git("config", "core.repositoryFormatVersion", "1");
    git("config", "extensions.worktreeConfig", "true");
    const settings = `[core]\n\tworktree = ${dirname(space.project.root)}\n`;
    writeFileSync(join(space.project.root, ".git/config.worktree"), settings);
    expect((await audit(space)).rules).toContain("audit.rewritten");
  });
});

describe("a project that moves within its repository", () => {
  /** With nothing remembered of it: as in a clone, or on another machine. */
  async function auditIn(folder: string): Promise<{ exit: number; findings: Record<string, string>[] }> {
    rmSync(join(space.context.env.HOME ?? "", ".local"), { recursive: true, force: true });
    const root = join(space.project.root, folder);
    const { exit, stdout } = await runIn(root, space.context, ["audit", "verify", "--json"]);
    return { exit, findings: JSON.parse(stdout).result.findings };
  }

  const move = (...names: string[]) => {
    mkdirSync(join(space.project.root, "further-in"));
    git("mv", ...names, "further-in/");
  };

  test("takes its story along", async () => {
    move("vibeops.yaml", "inventory.yaml", "runbooks", "memos");
    git("commit", "--quiet", "--all", "-m", "Move");
    expect(await auditIn("further-in")).toMatchObject({ exit: 0, findings: [] });
    for (const name of ["vibeops.yaml", "inventory.yaml", "runbooks", "memos"])
      git("mv", `further-in/${name}`, ".");
    git("commit", "--quiet", "--all", "-m", "Back");
    expect(await auditIn(".")).toMatchObject({ exit: 0, findings: [] });
  });

  test("says nothing of runbooks that were documents of another kind", async () => {
    const other = join(space.project.root, "docs/runbooks/restart.md");
    mkdirSync(dirname(other), { recursive: true });
    writeFileSync(other, "Restart it.\n");
    commit(space);
    git("rm", "--quiet", "-r", "docs");
    git("commit", "--quiet", "-m", "Out of date");
    expect(await auditIn(".")).toMatchObject({ exit: 0, findings: [] });
  });

  test("does not leave its records and its seal behind", async () => {
    move("vibeops.yaml", "inventory.yaml", "runbooks");
    const folder = `further-in/runbooks/${ID}`;
    git("rm", "--quiet", "-rf", `${folder}/records`, `${folder}/seal.yaml`, `${folder}/seal.yaml.sig`);
    git("commit", "--quiet", "--all", "-m", "Move");
    const { exit, findings } = await auditIn("further-in");
    expect(findings.map(({ rule, file }) => `${rule} ${file}`)).toContain(
      `audit.rewritten ${join(space.project.root, folder, "seal.yaml")}`,
    );
    expect(exit).toBe(4);
  });

  test("does not leave a memo behind that it archived", async () => {
    const path = archivedPath(space).slice(space.project.root.length + 1);
    move("vibeops.yaml", "inventory.yaml", "runbooks", "memos");
    git("rm", "--quiet", "-f", `further-in/${path}`);
    git("commit", "--quiet", "--all", "-m", "Move");
    const { exit, findings } = await auditIn("further-in");
    expect(findings.map(({ file }) => file)).toContain(join(space.project.root, "further-in", path));
    expect(exit).toBe(4);
  });

  test("and leaves all of its runbooks behind is told to have done so", async () => {
    move("vibeops.yaml", "inventory.yaml");
    git("rm", "--quiet", "-r", "runbooks");
    git("commit", "--quiet", "--all", "-m", "Move");
    const { findings } = await auditIn("further-in");
    expect(findings.map(({ rule }) => rule)).toContain("audit.left");
  });
});
