import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkRepository } from "../../src/platform/repository-checks.ts";
import { loadProject } from "../../src/project/project.ts";
import { endSession } from "../../src/session/end.ts";
import { testContext } from "../helpers/context.ts";
import { temporaryDirectory } from "../helpers/directory.ts";

const template = mkdtempSync(join(tmpdir(), "vibeops-pack-"));

beforeAll(() => {
  const root = join(template, "project");
  mkdirSync(join(root, "many"), { recursive: true });
  const env = testContext(join(template, "home")).env as NodeJS.ProcessEnv;
  const git = (...args: string[]) => execFileSync("git", args, { cwd: root, env });
  git("init", "--quiet");
  for (let i = 0; i < 1_500; i += 1) writeFileSync(join(root, "many", `${i}`), `${i}\n`);
  writeFileSync(
    join(root, "vibeops.yaml"),
    "project: project\nagents: { sysadmin: { provider: builtin } }\n",
  );
  writeFileSync(join(root, ".gitignore"), ".vibeops/\n");
  git("add", ".");
  git("-c", "gc.auto=0", "commit", "--quiet", "--message", "Start");
});
afterAll(() => rmSync(template, { recursive: true, force: true }));

/** A project whose one commit lies in some fifteen hundred loose objects; git allows as many as it is told. */
function crowded(allowed: number) {
  const directory = temporaryDirectory();
  cpSync(template, directory, { recursive: true });
  const root = join(directory, "project");
  const context = testContext(join(directory, "home"));
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: root, env: context.env as NodeJS.ProcessEnv, encoding: "utf8" });
  git("config", "gc.auto", `${allowed}`);
  appendFileSync(join(root, "many/1"), "not finished\n");
  const loose = () => Number(/count: (\d+)/.exec(git("count-objects", "-v"))?.[1]);
  const end = async () => await endSession(loadProject(root), { withoutNote: true }, context);
  const doctor = async () => {
    const checks = await checkRepository(root, context);
    return checks.find(({ name }) => name === "git.loose");
  };
  return { root, git, loose, end, doctor, now: context.now() };
}

test("a session that ends packs what lies loose, when it is more than git allows, and loses nothing", async () => {
  const { root, git, loose, end, doctor } = crowded(600);
  const unreachable = execFileSync("git", ["hash-object", "-w", "--stdin"], { cwd: root, input: "lost\n" });
  const before = [git("rev-parse", "HEAD"), git("status", "--porcelain")];
  expect(loose()).toBeGreaterThan(1_400);
  expect(await doctor()).toMatchObject({ status: "warning", fix: "vibeops doctor --fix" });
  await end();
  expect(loose()).toBe(0);
  expect(git("cat-file", "-p", unreachable.toString().trim())).toBe("lost\n");
  expect([git("rev-parse", "HEAD"), git("status", "--porcelain")]).toEqual(before);
  git("fsck", "--full", "--strict");
  expect(await doctor()).toBeUndefined();
});

test("doctor packs it too, and once more changes nothing", async () => {
  const { root, loose, doctor } = crowded(600);
  const found = await doctor();
  expect(found?.what).toMatch(/^about \d+ objects lie loose/);
  await found?.mend?.apply();
  expect(loose()).toBe(0);
  const packs = () => readdirSync(join(root, ".git/objects/pack"));
  const first = packs();
  await found?.mend?.apply();
  expect(packs()).toEqual(first);
});

test.each([
  ["fewer than git allows", 5_000],
  ["any number, where somebody told git not to", 0],
])("%s stay loose", async (_, allowed) => {
  const { loose, end, doctor } = crowded(allowed);
  expect(await doctor()).toBeUndefined();
  await end();
  expect(loose()).toBeGreaterThan(1_400);
});

test("an end that cannot pack is an end all the same", async () => {
  const { root, loose, end, doctor, now } = crowded(600);
  const [folder] = readdirSync(join(root, ".git/objects")).filter((name) => name.length === 2);
  const [name] = readdirSync(join(root, ".git/objects", folder ?? ""));
  execFileSync("sh", ["-c", `chmod u+w '${name}' && printf broken >'${name}'`], {
    cwd: join(root, ".git/objects", folder ?? ""),
  });
  const packs = join(root, ".git/objects/pack");
  const left = () => readdirSync(packs).filter((one) => one.startsWith("tmp_pack_"));
  await end();
  expect(loose()).toBeGreaterThan(1_400);
  const first = left();
  for (const one of first) utimesSync(join(packs, one), now, now);
  await end();
  expect(left()).toEqual(first);
  await expect((await doctor())?.mend?.apply()).rejects.toMatchObject({ code: "git.damaged" });
});
