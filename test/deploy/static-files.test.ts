import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { formatFileList, readStaticFiles } from "../../src/deploy/static-files.ts";
import { sha256 } from "../../src/platform/hash.ts";
import { testContext } from "../helpers/context.ts";
import { temporaryDirectory } from "../helpers/directory.ts";

let repository: string;
let context: ReturnType<typeof testContext>;
const git = (...args: string[]) =>
  execFileSync("git", args, {
    cwd: repository,
    env: context.env as NodeJS.ProcessEnv,
    encoding: "utf8",
  }).trim();

function commit(files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(repository, path, ".."), { recursive: true });
    writeFileSync(join(repository, path), text);
  }
  git("add", "--all");
  git("commit", "--quiet", "--message", "Files");
  return git("rev-parse", "HEAD");
}

beforeEach(() => {
  context = testContext(temporaryDirectory());
  repository = temporaryDirectory();
  git("init", "--quiet");
});

const read = (id: string | null, folder: string) => readStaticFiles(repository, id, folder, context);

describe("the files of a static release", () => {
  test("are the commit's, whatever lies in the folder now", async () => {
    const id = commit({ "dist/index.html": "hello\n", "dist/a b/ü.css": "", "src/x.ts": "" });
    writeFileSync(join(repository, "dist/index.html"), "changed since\n");
    const files = await read(id, "./dist/");
    expect(files).toEqual({
      folder: "dist",
      committed: true,
      files: [
        { path: "a b/ü.css", sha256: sha256("") },
        { path: "index.html", sha256: sha256("hello\n") },
      ],
    });
    if (files === null) throw new Error("there are files");
    const folder = temporaryDirectory();
    mkdirSync(join(folder, "a b"));
    writeFileSync(join(folder, "a b/ü.css"), "");
    writeFileSync(join(folder, "index.html"), "hello\n");
    const checked = execFileSync("sh", ["-c", "sha256sum --check"], {
      cwd: folder,
      input: formatFileList(files),
    });
    expect(checked.toString()).toContain("index.html: OK");
  });

  test("are those that a build left, where the commit has none of that name", async () => {
    const id = commit({ "src/x.ts": "" });
    mkdirSync(join(repository, "dist"));
    writeFileSync(join(repository, "dist/index.html"), "built\n");
    expect(await read(id, "dist")).toMatchObject({ committed: false, files: [{ path: "index.html" }] });
  });

  test("are all of a repository that is nothing else, without git's own folder", async () => {
    const id = commit({ "index.html": "" });
    expect(await read(id, ".")).toMatchObject({ committed: true, files: [{ path: "index.html" }] });
    expect(await read(null, ".")).toMatchObject({ committed: false, files: [{ path: "index.html" }] });
  });

  test("are none where nothing is of that name", async () => {
    expect(await read(commit({ "src/x.ts": "" }), "dist")).toBeNull();
    expect(await readStaticFiles(join(repository, "gone"), null, "dist", context)).toBeNull();
  });

  test.each(["../other", "/etc", "dist/../../x", ".git", "a:b"])(
    "%s is no folder to look in",
    async (folder) => {
      await expect(read(null, folder)).rejects.toMatchObject({ code: "static.folder", exit: 4 });
    },
  );

  test("are found in a folder of a larger repository, and come from there", async () => {
    const id = commit({ "packages/web/dist/index.html": "hello\n", "dist/index.html": "another\n" });
    const web = join(repository, "packages/web");
    expect(await readStaticFiles(web, id, "dist", context)).toEqual({
      folder: "dist",
      committed: true,
      below: "packages/web",
      files: [{ path: "index.html", sha256: sha256("hello\n") }],
    });
  });

  test("are in no folder that a link leads to, at whichever part of its name", async () => {
    const elsewhere = temporaryDirectory();
    mkdirSync(join(elsewhere, "keys"));
    writeFileSync(join(elsewhere, "keys/id"), "secret");
    symlinkSync(elsewhere, join(repository, "site"));
    await expect(read(null, "site")).rejects.toMatchObject({ code: "file.symlink" });
    await expect(read(null, "site/keys")).rejects.toMatchObject({ code: "file.symlink" });
  });

  test("hold no link, committed or not, and no name that a list cannot hold", async () => {
    mkdirSync(join(repository, "dist"));
    symlinkSync("/etc/passwd", join(repository, "dist/passwd"));
    await expect(read(null, "dist")).rejects.toMatchObject({ code: "static.file" });
    await expect(read(commit({}), "dist")).rejects.toMatchObject({ code: "static.file" });
    mkdirSync(join(repository, "odd"));
    writeFileSync(join(repository, "odd/a\nb"), "");
    await expect(read(null, "odd")).rejects.toMatchObject({ code: "static.file" });
  });
});
