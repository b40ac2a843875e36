import { renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runIn } from "../helpers/cli.ts";
import { putMemo } from "../helpers/memo-file.ts";
import { shopAndInfra } from "../helpers/workspace.ts";

/** Two projects on the person's list, each with mail that is pending and mail that is over. */
async function twoKnown() {
  const space = shopAndInfra();
  const { shop, infra } = space;
  const own = { from: "pm@office", to: "developer@shop" };
  putMemo(shop, "memos/incoming", { id: "20261119T100000Z-aaaaaaaa", subject: "Soap", ...own });
  putMemo(shop, "memos/sent/2026-10", { id: "20261001T100000Z-bbbbbbbb", subject: "Sent soap" });
  putMemo(infra, "memos/incoming", {
    id: "20261119T110000Z-cccccccc",
    subject: "Soap for web1",
    priority: "high",
  });
  putMemo(infra, "memos/archived/2026-11", { id: "20261110T100000Z-dddddddd", subject: "Old soap" });
  await shop.vibeops("projects", "add", ".", "../infra");
  return space;
}

type Space = Awaited<ReturnType<typeof twoKnown>>;

async function asked(space: Space, cwd: string, ...argv: string[]) {
  const { stdout, exit } = await runIn(cwd, space.context, [...argv, "--json"]);
  expect(exit, stdout).toBe(0);
  return JSON.parse(stdout).result;
}

const subjects = (memos: { subject: string }[]) => memos.map(({ subject }) => subject);

describe("memo list --all", () => {
  test("is one list, the most urgent first, each memo with its project", async () => {
    const space = await twoKnown();
    const { memos, total } = await asked(space, space.shop.root, "memo", "list", "--all");
    expect(subjects(memos)).toEqual(["Soap for web1", "Soap"]);
    expect(memos.map(({ project }: { project: string }) => project)).toEqual([
      space.infra.root,
      space.shop.root,
    ]);
    expect(total).toBe(2);
  });

  test("shows the folder to go to, and what is to be done only where it can be typed as it stands", async () => {
    const space = await twoKnown();
    space.infra.write("memos/incoming/note.txt", "Clean up\n");
    space.shop.write("memos/incoming/mine.txt", "Clean up\n");
    const { stdout } = await space.shop.vibeops("memo", "list", "--all");
    expect(stdout.split("\n")).toEqual([
      expect.stringMatching(
        /^cccccccc {2}\.\.\/infra {2}high .*Soap for web1 {2}\(arrived, not checked yet\)$/,
      ),
      expect.stringMatching(
        /^aaaaaaaa {2}\. {9}normal .*Soap {2}\(arrived; checked by: vibeops session start\)$/,
      ),
      "note, vouched for by nobody: ../infra/memos/incoming/note.txt",
      "note, vouched for by nobody: memos/incoming/mine.txt  (vibeops memo adopt 'memos/incoming/mine.txt')",
      "",
    ]);
  });

  test("works outside of every project, and with what is over", async () => {
    const space = await twoKnown();
    const result = await asked(space, space.directory, "memo", "list", "--all", "--archived", "--sent");
    expect(subjects(result.memos)).toEqual(["Old soap", "Sent soap"]);
    const limited = await asked(space, space.directory, "memo", "list", "--all", "--limit", "1");
    expect(limited).toMatchObject({ memos: [{ subject: "Soap for web1" }], total: 2 });
  });

  test("covers the project here where it is not on the list", async () => {
    const space = await twoKnown();
    await space.infra.vibeops("projects", "remove", ".");
    expect((await asked(space, space.infra.root, "memo", "list", "--all")).total).toBe(2);
    expect((await asked(space, space.shop.root, "memo", "list", "--all")).total).toBe(1);
  });

  test("a project that is gone, or whose inbox is a link, hides no other and is named", async () => {
    const space = await twoKnown();
    renameSync(join(space.infra.root, "memos"), join(space.infra.root, "elsewhere"));
    symlinkSync("elsewhere", join(space.infra.root, "memos"));
    const linked = await asked(space, space.shop.root, "memo", "list", "--all");
    expect(subjects(linked.memos)).toEqual(["Soap"]);
    expect(linked.unread).toMatchObject([{ code: "file.symlink" }]);
    rmSync(space.infra.root, { recursive: true });
    const { stdout, exit } = await space.shop.vibeops("memo", "list", "--all");
    expect(exit).toBe(0);
    expect(stdout).toContain("Soap");
    expect(stdout).toContain("not listed: ../infra: there is no project in this folder any more");
  });

  test("without any project it says how to find them", async () => {
    const space = shopAndInfra();
    const { exit, stderr } = await runIn(space.directory, space.context, ["memo", "list", "--all"]);
    expect(exit).toBe(3);
    expect(stderr).toContain("vibeops projects scan");
  });
});

describe("memo search --all", () => {
  test("finds in every project, and says in which", async () => {
    const space = await twoKnown();
    const { hits, total } = await asked(
      space,
      space.directory,
      "memo",
      "search",
      "soap",
      "--all",
      "--sort",
      "date",
    );
    expect(subjects(hits)).toEqual(["Soap for web1", "Soap", "Old soap", "Sent soap"]);
    expect(hits[0].project).toBe(space.infra.root);
    expect(total).toBe(4);
  });

  test("names a project that is gone", async () => {
    const space = await twoKnown();
    rmSync(space.infra.root, { recursive: true });
    const { stdout, exit } = await space.shop.vibeops("memo", "search", "soap", "--all");
    expect(exit).toBe(0);
    expect(stdout).toContain("memos/incoming/20261119T100000Z-aaaaaaaa.md");
    expect(stdout).toContain("not searched: ../infra: there is no project in this folder any more");
  });
});
