import { chmodSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { displayWidth } from "../../src/text/wrap.ts";
import { runIn } from "../helpers/cli.ts";
import { type TestProject, type Workspace, workspace } from "../helpers/workspace.ts";

function config(name: string): string {
  return `project: ${name}\nagents: { developer: { provider: builtin } }\n`;
}

function memo(project: TestProject, id: string, subject: string, ...lines: readonly string[]): void {
  const header = [`id: ${id}`, "from: a@shop", "to: b@infra", `subject: ${subject}`, ...lines].join("\n");
  project.write(`memos/incoming/${id}.md`, `---\n${header}\n---\n`);
}

function runbook(project: TestProject, id: string, title: string): void {
  const header = `---\nid: ${id}\ntitle: ${title}\nhosts: [web1]\n---\n`;
  const step = "### 1. Look\n\n```sh check host=web1\ntrue\n```\n";
  const end = "## Verification\n\n```sh check host=web1\ntrue\n```\n";
  project.write(`runbooks/${id}/runbook.md`, `${header}\n## Summary\n\nx\n\n## Steps\n\n${step}\n${end}`);
}

/** Two projects on the person's list, in one of which much waits. */
async function twoKnown() {
  const space = workspace();
  const shop = space.project("shop", config("shop"));
  const infra = space.project("infra", config("infra"));
  await shop.vibeops("projects", "add", ".", "../infra");
  memo(infra, "20261110T100000Z-aaaaaaaa", "Deploy it", "due: 2026-11-12");
  infra.write("inventory.yaml", "hosts: { web1: { address: web1.example.com, tier: live } }\n");
  runbook(infra, "20261119T150000Z-m2x9vaq4", "Deploy shop");
  shop.write("STATE.md", "# State\n\n## Current status\n\n- Version 1.2.0 is out\n");
  return { space, shop, infra };
}

describe("status --all", () => {
  test("says what waits for me, the most urgent first, with what to type, then each project in a line", async () => {
    const { shop } = await twoKnown();
    const { stdout, exit } = await shop.vibeops("status", "--all");
    expect(exit).toBe(0);
    const lines = stdout.split("\n");
    expect(lines.slice(0, 6)).toEqual([
      "2 things wait for you, the most urgent first",
      'now   infra: memo overdue, 8 days: "Deploy it"',
      "      cd ../infra && vibeops memo show 20261110T100000Z-aaaaaaaa",
      'soon  infra: to be approved, 23 h: "Deploy shop"',
      "      cd ../infra && vibeops runbook approve 20261119T150000Z-m2x9vaq4",
      "",
    ]);
    expect(lines[6]).toMatch(/^infra {2}developer {2}1 memo {4}1 runbook {2}\d+ \w+$/);
    expect(lines[7]).toMatch(/^shop {3}developer {2}no memos {13}\d+ \w+ {2}Version 1.2.0 is out$/);
  });

  test("says the same as one document", async () => {
    const { shop, infra } = await twoKnown();
    const { stdout } = await shop.vibeops("status", "--all", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      result: {
        all: true,
        waiting: [
          { kind: "memo.overdue", urgency: "now", project: "infra", root: infra.root },
          { kind: "runbook.approval", urgency: "soon", id: "20261119T150000Z-m2x9vaq4" },
        ],
        projects: [
          { root: infra.root, pending: { urgent: 0, high: 0, normal: 1, low: 0 }, runbooks: 1 },
          { root: shop.root, roles: ["developer"], headline: "Version 1.2.0 is out" },
        ],
      },
    });
  });

  test("is what status means outside of every project, and is only about this one inside", async () => {
    const { space, shop, infra } = await twoKnown();
    const outside = await runIn(space.directory, space.context, ["status", "--json"]);
    expect(JSON.parse(outside.stdout).result.projects).toHaveLength(2);
    const inside = await shop.vibeops("status");
    expect(inside.stdout).toContain("Nothing waits for you.");
    expect(inside.stdout).not.toContain("infra");
    expect(inside.stdout).toContain("All 2 projects of your list: vibeops status --all");
    expect((await infra.vibeops("status")).stdout).toContain("\n      vibeops memo show ");
  });

  test("shows the project around me too, and how to put it on the list", async () => {
    const { space } = await twoKnown();
    const other = space.project("other", config("other"));
    const { stdout } = await other.vibeops("status", "--all");
    expect(stdout).toContain("\nother ");
    expect(stdout).toContain("This project is not on your list: vibeops projects add");
  });

  test("tells projects of one name apart by their folders, in what waits and in their lines", async () => {
    const space = workspace();
    const [one, other] = [space.project("a/web", config("shop")), space.project("b/web", config("shop"))];
    const alone = space.project("web", config("web"));
    one.git("worktree", "add", "--quiet", "-b", "fix", "../web-fix");
    for (const root of [one.root, other.root, alone.root, join(one.root, "../web-fix")])
      await runIn(root, space.context, ["projects", "add", "."]);
    memo(other, "20261110T100000Z-aaaaaaaa", "Deploy it", "due: 2026-11-12");
    const lines = (await alone.vibeops("status", "--all")).stdout.split("\n");
    expect(lines[1]).toMatch(/^now {3}shop \(b\/web\): memo overdue, /);
    expect(lines.slice(4, 8).map((line) => line.split(/ {2,}/)[0])).toEqual([
      "shop (b/web)",
      "shop (a/web)",
      "shop (web-fix)",
      "web",
    ]);
  });

  test("without a list says how to make one", async () => {
    const { directory, context } = workspace();
    const { stdout, exit } = await runIn(directory, context, ["status"]);
    expect({ stdout, exit }).toEqual({
      stdout: "You have no list of projects yet. Find them: vibeops projects scan DIR\n",
      exit: 0,
    });
  });

  test("with --exit-code ends with 6 where something waits, and with 0 where nothing does", async () => {
    const { shop } = await twoKnown();
    expect((await shop.vibeops("status", "--all", "--exit-code")).exit).toBe(6);
    expect((await shop.vibeops("status", "--exit-code")).exit).toBe(0);
  });
});

describe("a project that is broken or gone", () => {
  test("is a line with its fix and hides no other, nor what waits in it", async () => {
    const { space, shop, infra } = await twoKnown();
    const gone = space.project("gone", config("gone"));
    await gone.vibeops("projects", "add");
    rmSync(gone.root, { recursive: true });
    infra.write("vibeops.yaml", `${config("infra")}acepts: []\n`);
    const { stdout, exit } = await shop.vibeops("status", "--all");
    expect(exit).toBe(0);
    expect(stdout).toContain("soon  infra: cannot be read: unknown key acepts; did you mean accepts?");
    expect(stdout).toContain("(vibeops.yaml:3)\n      fix: write accepts\n");
    expect(stdout).toContain(
      `soon  gone: no project any more: "${gone.root}"\n      vibeops projects remove --missing`,
    );
    expect(stdout).toContain('now   infra: memo overdue, 8 days: "Deploy it"');
    expect(stdout).toContain("Version 1.2.0 is out");
  });

  test.each<[string, (infra: TestProject) => void, string]>([
    [
      "a file in place of its inbox",
      (infra) => {
        rmSync(join(infra.root, "memos/incoming"), { recursive: true });
        writeFileSync(join(infra.root, "memos/incoming"), "");
      },
      "no folder where a real folder is needed",
    ],
    [
      "bytes for a STATE.md",
      (infra) => writeFileSync(join(infra.root, "STATE.md"), Buffer.from([255])),
      "UTF-8",
    ],
    ["a file for runbooks", (infra) => void rmAndWrite(join(infra.root, "runbooks")), "no folder"],
  ])("%s is named, and the rest is read", async (_what, harm, words) => {
    const { shop, infra } = await twoKnown();
    harm(infra);
    const { stdout } = await shop.vibeops("status", "--all");
    expect(stdout).toContain("infra: cannot be read: ");
    expect(stdout).toContain(words);
    expect(stdout).toContain("Version 1.2.0 is out");
  });
});

function rmAndWrite(path: string): void {
  rmSync(path, { recursive: true });
  writeFileSync(path, "");
}

/** Every file below a folder with its size and the time of its last change. */
function snapshot(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => {
      const stats = statSync(join(folder, name));
      return `${name} ${stats.size} ${stats.mtimeMs}`;
    })
    .sort();
}

test("changes nothing in any project, and starts no git", async () => {
  const { space, shop, infra } = await twoKnown();
  const programs = join(space.directory, "programs");
  mkdirSync(programs);
  writeFileSync(join(programs, "git"), `#!/bin/sh\ntouch '${space.directory}/ran'\n`);
  chmodSync(join(programs, "git"), 0o755);
  const before = [snapshot(shop.root), snapshot(infra.root)];
  const context = { ...space.context, env: { ...space.context.env, PATH: programs } };
  const { stdout } = await runIn(shop.root, context, ["status", "--all"]);
  expect(stdout).toContain("2 things wait for you");
  expect([snapshot(shop.root), snapshot(infra.root)]).toEqual(before);
  expect(readdirSync(space.directory)).not.toContain("ran");
});

test("shows what others wrote, and obeys none of it", async () => {
  const { shop, infra } = await twoKnown();
  memo(infra, "20261109T100000Z-bbbbbbbb", '"\\"; rm -rf / \\\\"', "due: 2026-11-10");
  runbook(infra, "20261118T150000Z-m2x9vaq4", '"a\\e[31m red \\u202E b"');
  shop.write("STATE.md", "## Current status\n\n\u001b[31mred \u202e\n");
  const { stdout } = await shop.vibeops("status", "--all");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202a-\u202e]/);
  expect(stdout).toContain("⟨U+001B⟩[31mred ⟨U+202E⟩");
  expect(stdout).toContain('"\\"; rm -rf / \\\\"');
});

test("a folder with a name for a shell is quoted in what to type", async () => {
  const space = workspace();
  const odd = space.project("a b'; $(touch x)", config("odd"));
  memo(odd, "20261110T100000Z-aaaaaaaa", "Late", "due: 2026-11-12");
  await odd.vibeops("projects", "add");
  const { stdout } = await runIn(space.directory, space.context, ["status"]);
  expect(stdout).toContain(
    "      cd 'a b'\\''; $(touch x)' && vibeops memo show 20261110T100000Z-aaaaaaaa\n",
  );
});

/** As a terminal of 80 columns would show it. */
async function screen(space: Workspace, cwd: string, ...argv: string[]): Promise<string[]> {
  const chunks: string[] = [];
  const { Writable, Readable } = await import("node:stream");
  const { runCli } = await import("../../src/cli/program.ts");
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk.toString());
      done();
    },
  });
  const io = { cwd, context: space.context, stdin: Readable.from([]), stdout, stderr: stdout };
  await runCli(argv, { ...io, isInteractive: true, hasColour: false, columns: 80 });
  return chunks.join("").trimEnd().split("\n");
}

describe("on a terminal of 80 columns and 24 lines", () => {
  test.each([5, 44])("%i projects fit, what waits first, and --long shows all of them", async (count) => {
    const space = workspace();
    const folders: string[] = [];
    for (let i = 0; i < count; i += 1) {
      const name = `project-${i}`;
      const root = join(space.directory, name);
      mkdirSync(join(root, "memos/incoming"), { recursive: true });
      writeFileSync(join(root, "vibeops.yaml"), config(name));
      writeFileSync(
        join(root, "STATE.md"),
        `## Current status\n\n${"All is well, 漢字 and so on. ".repeat(9)}\n`,
      );
      const id = `20261110T1000${String(i).padStart(2, "0")}Z-aaaaaaaa`;
      const due = i % 4 === 0 ? "due: 2026-11-12\n" : "";
      const header = `id: ${id}\nfrom: a\nto: b\nsubject: ${"A long subject, 漢字 ".repeat(9)}\n${due}`;
      writeFileSync(join(root, "memos/incoming", `${id}.md`), `---\n${header}---\n`);
      folders.push(root);
    }
    await runIn(space.directory, space.context, ["projects", "add", ...folders]);
    const lines = await screen(space, space.directory, "status");
    expect(lines.length).toBeLessThanOrEqual(23);
    expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(80);
    expect(lines[0]).toMatch(/^\d+ things wait for you/);
    const whole = await screen(space, space.directory, "status", "--long");
    expect(whole.filter((line) => line.startsWith("project-"))).toHaveLength(count);
    expect(whole.filter((line) => line.startsWith("now "))).toHaveLength(Math.ceil(count / 4));
    expect(Math.max(...whole.map(displayWidth))).toBeLessThanOrEqual(80);
  });
});
