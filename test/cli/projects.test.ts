import { appendFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { listKnownProjects } from "../../src/project/known-projects.ts";
import { runIn } from "../helpers/cli.ts";
import { workspace } from "../helpers/workspace.ts";

function space(...names: readonly string[]) {
  const { directory, context } = workspace();
  for (const name of names) {
    mkdirSync(join(directory, name, "below"), { recursive: true });
    const text = `project: ${name.split("/").at(-1)}\nagents: { developer: { provider: builtin } }\n`;
    writeFileSync(join(directory, name, "vibeops.yaml"), text);
  }
  const run = (folder: string, ...argv: string[]) => runIn(join(directory, folder), context, argv);
  const known = () => listKnownProjects(context.env).map((root) => root.slice(directory.length + 1));
  return { directory, run, known };
}

describe("projects add", () => {
  test("adds the project around, or those that are named, each by its real folder, once", async () => {
    const { directory, run, known } = space("shop", "infra");
    expect(await run("shop/below", "projects", "add")).toMatchObject({ exit: 0 });
    expect(known()).toEqual(["shop"]);
    symlinkSync(join(directory, "infra"), join(directory, "link"));
    const { stdout } = await run(".", "projects", "add", "link", "shop", "infra", "--json");
    expect(JSON.parse(stdout).result).toMatchObject({
      added: [join(directory, "infra")],
      known: [join(directory, "shop")],
    });
    expect(known()).toEqual(["infra", "shop"]);
  });

  test("says what is no project, and adds nothing then", async () => {
    const { run, known } = space("shop");
    expect(await run(".", "projects", "add", "shop", "home")).toMatchObject({ exit: 3 });
    const nowhere = await run(".", "projects", "add", "shop", "nowhere");
    expect(nowhere).toMatchObject({ exit: 3 });
    expect(nowhere.stderr).toContain("vibeops projects scan DIR");
    expect(known()).toEqual([]);
  });
});

describe("projects scan", () => {
  test("shows what it found and adds it after a yes; nobody to ask, nothing added", async () => {
    const { run, known } = space("work/shop", "work/org/infra", "work/.hidden/x");
    const asked = await run(".", "projects", "scan", "work");
    expect(asked).toMatchObject({ exit: 6, stdout: "" });
    expect(asked.stderr).toMatch(/new {4}.*work\/org\/infra\nnew {4}.*work\/shop\n/);
    expect((await run(".", "projects", "scan", "work", "--dry-run")).stdout).toContain("2 would be added.");
    expect(known()).toEqual([]);
    const { stdout } = await run(".", "projects", "scan", "work", "--yes");
    expect(stdout).toContain("2 added to your list. Over all of it: vibeops status --all");
    expect(known()).toEqual(["work/org/infra", "work/shop"]);
    expect(await run(".", "projects", "scan", "work")).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining("No project there that is not on your list."),
    });
  });

  test("says what it did not look into", async () => {
    const { run } = space("work/a/b/c");
    const { stdout } = await run(".", "projects", "scan", "work", "--depth", "1", "--dry-run");
    expect(stdout).toContain("There are folders below that were not looked into (--depth 1).");
    expect(await run(".", "projects", "scan", "nowhere")).toMatchObject({ exit: 3 });
    expect(await run(".", "projects", "scan", "--depth", "x")).toMatchObject({ exit: 2 });
  });
});

describe("projects list", () => {
  test("names each with its folder, and what is gone or broken, and goes on", async () => {
    const { directory, run } = space("shop", "infra", "gone");
    await run(".", "projects", "add", "shop", "infra", "gone");
    rmSync(join(directory, "gone"), { recursive: true });
    writeFileSync(join(directory, "infra/vibeops.yaml"), "project: [\n");
    const { stdout } = await run(".", "projects", "list", "--json");
    expect(JSON.parse(stdout).result.projects).toMatchObject([
      { name: "gone", state: "gone", problem: expect.any(String) },
      { name: "infra", state: "broken", problem: expect.stringContaining("line") },
      { name: "shop", state: "ok", roles: ["developer"] },
    ]);
    const text = await run(".", "projects", "list");
    expect(text.stdout).toContain("vibeops projects remove --missing");
    expect(text.exit).toBe(0);
  });

  test("of nothing says how to find some", async () => {
    const { run } = space();
    expect((await run(".", "projects", "list")).stdout).toContain("vibeops projects scan DIR");
  });
});

describe("projects remove", () => {
  test("takes off by folder or by a unique part, and leaves the project alone", async () => {
    const { run, known } = space("work/shop", "work/infra", "work/infra-2");
    await run(".", "projects", "scan", "--yes");
    await run("work", "projects", "remove", "./shop");
    expect(known()).toEqual(["work/infra", "work/infra-2"]);
    await run(".", "projects", "remove", "infra");
    expect(known()).toEqual(["work/infra-2"]);
    expect(await run(".", "projects", "remove", "nothing")).toMatchObject({ exit: 3 });
    expect(await run(".", "projects", "remove")).toMatchObject({ exit: 2 });
    expect((await run("work/shop", "projects", "add")).exit).toBe(0);
  });

  test("--missing takes off what is gone, and only that", async () => {
    const { directory, run, known } = space("shop", "gone");
    await run(".", "projects", "add", "shop", "gone");
    rmSync(join(directory, "gone"), { recursive: true });
    writeFileSync(join(directory, "shop/vibeops.yaml"), "broken: [");
    expect((await run(".", "projects", "remove", "--missing")).stdout).toContain(join(directory, "gone"));
    expect(known()).toEqual(["shop"]);
    expect((await run(".", "projects", "remove", "--missing")).stdout).toBe("Nothing is missing.\n");
  });
});

describe("a line of the list that names no project hides none of the others", () => {
  async function withWrongLine() {
    const made = space("shop", "infra", "new");
    await made.run(".", "projects", "add", "shop", "infra");
    const { stdout } = await made.run(".", "projects", "list", "--json");
    const { file } = JSON.parse(stdout).result;
    appendFileSync(file, "~/other\n");
    return { ...made, file };
  }

  test("in status, which tells it as something that waits", async () => {
    const { run, file } = await withWrongLine();
    const text = await run("shop", "status", "--all");
    expect(text).toMatchObject({ exit: 0, stderr: "" });
    expect(text.stdout).toContain('soon  your list: line 3 names no project: "~/other" is no absolute path');
    expect(text.stdout).toContain("fix: write the whole path");
    expect(text.stdout).toMatch(/^infra .*\nshop /m);
    const { result } = JSON.parse((await run("shop", "status", "--all", "--json")).stdout);
    expect(result.waiting).toMatchObject([
      { kind: "projects.path", id: `${file}:3`, fix: expect.any(String) },
    ]);
    expect(result.projects).toHaveLength(2);
    expect(await run("shop", "status", "--all", "--exit-code")).toMatchObject({ exit: 6 });
    // Of the project here alone it says nothing: the list has no part in that.
    expect(JSON.parse((await run("shop", "status", "--json")).stdout).result.waiting).toEqual([]);
  });

  test("in status, where it is the only line", async () => {
    const { run, file } = await withWrongLine();
    writeFileSync(file, "shop\n");
    const { exit, stdout } = await run(".", "status");
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^One thing waits for you.*\nsoon {2}your list: line 1 names no project/);
  });

  test("in the list, in mail over all projects, and where projects are added and removed", async () => {
    const { run, known, file } = await withWrongLine();
    const list = await run(".", "projects", "list");
    expect(list).toMatchObject({ exit: 0, stderr: "" });
    expect(list.stdout).toContain(`${file}:3: "~/other" is no absolute path\n    fix: write the whole path`);
    expect(JSON.parse((await run(".", "projects", "list", "--json")).stdout).result.wrong).toMatchObject([
      { code: "projects.path", line: 3 },
    ]);
    const mail = await run("shop", "memo", "list", "--all", "--json");
    expect(JSON.parse(mail.stdout).result.unread).toMatchObject([{ code: "projects.path", file }]);
    expect((await run("shop", "memo", "search", "--all", "x")).stdout).toContain("not searched");
    expect(await run(".", "projects", "scan", "--yes")).toMatchObject({ exit: 0 });
    expect(await run(".", "projects", "remove", "shop")).toMatchObject({ exit: 0 });
    expect(known()).toEqual(["infra", "new"]);
    expect(readFileSync(file, "utf8")).toContain("~/other\n");
  });
});
