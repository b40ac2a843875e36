import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { requireGit } from "../../src/platform/git.ts";
import { commitChanges } from "../../src/platform/git-commit.ts";
import { loadProject } from "../../src/project/project.ts";
import { checkState } from "../../src/state/checks.ts";
import { applyStateEdit, readState } from "../../src/state/state.ts";
import { testContext } from "../helpers/context.ts";
import { temporaryDirectory } from "../helpers/directory.ts";

const STATE =
  "# shop\n\n## Current status\n\nold\n\n## Recent progress\n\n## Next actions\n\n## Handover notes\n";

function projectWithState(config = "", state: string | null = STATE) {
  const root = temporaryDirectory();
  const context = testContext(root);
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: root, env: context.env as NodeJS.ProcessEnv, encoding: "utf8" });
  writeFileSync(
    join(root, "vibeops.yaml"),
    `project: shop\nagents:\n  developer: { provider: builtin }\n${config}`,
  );
  git("init", "--quiet");
  const file = join(root, "STATE.md");
  if (state !== null) {
    writeFileSync(file, state);
    git("add", "--all");
    git("commit", "--quiet", "--message", "First");
  }
  return { root, context, git, file, project: loadProject(root), read: () => readFileSync(file, "utf8") };
}

describe("a section that stands there twice, as after a merge", () => {
  const doubled = `${STATE}\nfirst\n\n## Handover notes\n\nsecond\n`;

  test("is named among the others, so that the brief says where the rest is", () => {
    const { project } = projectWithState("", doubled);
    expect(readState(project)).toMatchObject({
      sections: { handover: "first" },
      others: ["Handover notes"],
    });
  });

  test("is told by doctor with the line of the second", () => {
    const { project, file } = projectWithState("", doubled);
    expect(checkState(project)).toMatchObject([
      {
        name: "state.sections",
        status: "warning",
        what: "STATE.md has '## Handover notes' twice, and only the first is read",
        file,
        line: 15,
      },
    ]);
  });
});

describe("readState", () => {
  test("finds the four sections and names the others", () => {
    const { project } = projectWithState("", "## CURRENT STATUS\n\nfine\n\n## Ideas\n\n- a\n");
    expect(readState(project)).toMatchObject({
      sections: { status: "fine", progress: "", next: "", handover: "" },
      others: ["Ideas"],
    });
  });

  test("is null where there is no file", () => {
    expect(readState(projectWithState("", null).project)).toBeNull();
  });
});

describe("applyStateEdit", () => {
  test("lets nobody read the file who could not before", async () => {
    const { project, file } = projectWithState();
    chmodSync(file, 0o600);
    await applyStateEdit(project, { status: "new" });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("keeps ten items of progress, or as many as vibeops.yaml says", async () => {
    for (const [config, count] of [
      ["", 10],
      ["state: { recent: 2 }\n", 2],
    ] as const) {
      const { project, read } = projectWithState(config);
      for (let i = 1; i <= 12; i += 1) await applyStateEdit(project, { progress: `item ${i}` });
      expect(read().match(/^- item/gm)).toHaveLength(count);
      expect(read()).toContain("- item 12\n- item 11\n");
    }
  });

  test("creates a file that is missing, and commits all of it", async () => {
    const { project, context, git, read } = projectWithState("", null);
    const change = await applyStateEdit(project, { status: "begun" });
    await commitChanges(requireGit(project.root, context.env), [change], "State", context);
    expect(git("show", "HEAD:STATE.md")).toBe(read());
    expect(read()).toContain("## Current status\n\nbegun\n");
  });

  test("leaves a person's unfinished edit uncommitted and whole", async () => {
    const { project, context, git, file, read } = projectWithState();
    writeFileSync(file, STATE.replace("old", "old, and a sentence that is not fini"));
    const change = await applyStateEdit(project, { progress: "memo done" });
    await commitChanges(requireGit(project.root, context.env), [change], "State", context);
    expect(git("show", "HEAD:STATE.md")).toBe(STATE.replace("progress\n", "progress\n\n- memo done\n"));
    expect(read()).toContain("old, and a sentence that is not fini");
    expect(read()).toContain("- memo done");
    expect(git("diff", "--stat", "HEAD")).toContain("STATE.md | 2 +-");
  });

  test("loses no edit when many write at the same time", async () => {
    const { project, read } = projectWithState("state: { recent: 100 }\n");
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => applyStateEdit(project, { progress: `writer ${i}` })),
    );
    for (let i = 0; i < 20; i += 1) expect(read()).toContain(`- writer ${i}\n`);
  });

  test("does not write when nothing would change", async () => {
    const { project, git } = projectWithState();
    await applyStateEdit(project, { status: "old" });
    expect(git("status", "--porcelain")).toBe("");
  });
});
