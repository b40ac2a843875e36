import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  addKnownProjects,
  isGone,
  knownProjectsFile,
  listKnownProjects,
  readKnownProjects,
  removeKnownProjects,
} from "../../src/project/known-projects.ts";
import { temporaryDirectory } from "../helpers/directory.ts";
import fc from "../helpers/property.ts";

function person() {
  const home = temporaryDirectory();
  const env = { HOME: home };
  const file = knownProjectsFile(env);
  const write = (text: string) => {
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, text);
  };
  return { home, env, file, write, read: () => readFileSync(file, "utf8") };
}

describe("the person's list", () => {
  test("is empty before there is one, and lies in the configuration folder", () => {
    const { home, env, file } = person();
    expect(listKnownProjects(env)).toEqual([]);
    expect(file).toBe(join(home, ".config/vibeops/projects"));
    expect(knownProjectsFile({ XDG_CONFIG_HOME: "/x", HOME: home })).toBe("/x/vibeops/projects");
  });

  test("names each folder once, sorted, and nobody else may read it", async () => {
    const { env, file } = person();
    expect(await addKnownProjects(env, ["/b", "/a", "/b"])).toEqual(["/a", "/b"]);
    expect(await addKnownProjects(env, ["/b", "/c"])).toEqual(["/c"]);
    expect(listKnownProjects(env)).toEqual(["/a", "/b", "/c"]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("keeps what the person wrote into it: comments, empty lines, order, CRLF", async () => {
    const { env, write, read } = person();
    write("# work\r\n/z\r\n\r\n/a\r\n# home");
    await addKnownProjects(env, ["/m"]);
    expect(read()).toBe("# work\r\n/z\r\n\r\n/a\r\n# home\r\n/m\r\n");
    expect(listKnownProjects(env)).toEqual(["/a", "/m", "/z"]);
    expect(await removeKnownProjects(env, ["/a", "/nowhere"])).toEqual(["/a"]);
    expect(read()).toBe("# work\r\n/z\r\n\r\n# home\r\n/m\r\n");
  });

  test("a folder that is written with more slashes than it needs is one, and goes with all its lines", async () => {
    const { env, write, read } = person();
    write("/a/\n/a\n//b/./c\n");
    expect(listKnownProjects(env)).toEqual(["/a", "/b/c"]);
    expect(await addKnownProjects(env, ["/b/c"])).toEqual([]);
    expect(await removeKnownProjects(env, ["/a"])).toEqual(["/a"]);
    expect(read()).toBe("//b/./c\n");
  });

  test("says on which line something is no path, and reads the others", () => {
    const { env, file, write } = person();
    write("/a\n~/shop\n/b\n");
    const { roots, wrong } = readKnownProjects(env);
    expect(roots).toEqual(["/a", "/b"]);
    expect(wrong).toMatchObject([
      {
        code: "projects.path",
        message: '"~/shop" is no absolute path',
        file,
        line: 2,
        fix: expect.any(String),
      },
    ]);
  });

  test("loses nothing when many add at the same time", async () => {
    const { env } = person();
    const roots = Array.from({ length: 20 }, (_, i) => `/project-${i}`);
    await Promise.all(roots.map((root) => addKnownProjects(env, [root])));
    expect(listKnownProjects(env)).toEqual([...roots].sort());
  });

  test("refuses a path that is not one line, and a configuration folder inside a project", async () => {
    const { home, env } = person();
    await expect(addKnownProjects(env, ["/a\n/b"])).rejects.toMatchObject({ code: "projects.name" });
    writeFileSync(join(home, "vibeops.yaml"), "project: home\n");
    await expect(addKnownProjects(env, ["/a"])).rejects.toMatchObject({ code: "projects.inside", exit: 5 });
    expect(listKnownProjects(env)).toEqual([]);
  });

  test("has just what was added and not removed, and every other line as it was", async () => {
    const line = fc.oneof(
      fc.constantFrom("", "# a comment", "  "),
      fc.stringMatching(/^\/[a-z .'"$-]{1,12}$/).filter((path) => path.trim() === path),
    );
    const paths = fc.array(fc.constantFrom("/one", "/two", "/a b", "/ü"), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(line),
        fc.constantFrom("\n", "\r\n"),
        paths,
        async (lines, newline, added) => {
          const { env, write, read } = person();
          const text = lines.map((one) => `${one}${newline}`).join("");
          write(text);
          const before = listKnownProjects(env);
          const fresh = await addKnownProjects(env, added);
          expect(read().startsWith(text)).toBe(true);
          expect(listKnownProjects(env)).toEqual([...new Set([...before, ...added])].sort());
          await removeKnownProjects(env, fresh);
          expect(read()).toBe(text);
        },
      ),
      { numRuns: 40 },
    );
  });
});

test("a project is gone where its vibeops.yaml is, not where its folder is there without it", () => {
  const folder = temporaryDirectory();
  expect(isGone(folder)).toBe(true);
  expect(isGone(join(folder, "nowhere"))).toBe(true);
  writeFileSync(join(folder, "vibeops.yaml"), "not even YAML: [");
  expect(isGone(folder)).toBe(false);
});
