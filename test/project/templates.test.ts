import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { packagedTemplates, templateText } from "../../src/project/templates.ts";
import { testContext } from "../helpers/context.ts";
import { temporaryDirectory } from "../helpers/directory.ts";

function write(path: string, text: string) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function places() {
  const home = temporaryDirectory();
  const root = temporaryDirectory();
  return { context: testContext(home), home, project: { root } };
}

describe("templateText", () => {
  test("takes the project's template before the person's, and theirs before ours", () => {
    const { context, home, project } = places();
    const name = "roles/developer.md";
    const packaged = readFileSync(resolve("templates", name), "utf8");
    expect(templateText(context, project, name).text).toBe(packaged);
    write(join(home, ".config/vibeops/templates", name), "the person's\n");
    expect(templateText(context, project, name).text).toBe("the person's\n");
    expect(templateText(context, null, name).text).toBe("the person's\n");
    write(join(project.root, "templates", name), "the project's\n");
    expect(templateText(context, project, name)).toEqual({
      text: "the project's\n",
      file: join(project.root, "templates", name),
    });
  });

  test.each([
    "../secret",
    "roles/../../secret",
    "/etc/passwd",
    ".git/config",
    "roles//x",
    "roles/",
    "",
    "a\\b",
    "a\nb",
  ])("refuses the name %j, which could leave the folder", (name) => {
    const { context, project } = places();
    expect(() => templateText(context, project, name)).toThrow(
      expect.objectContaining({ code: "template.name", exit: 2 }),
    );
  });

  test("refuses a template that is a link, or lies in a linked folder", () => {
    const { context, home, project } = places();
    write(join(home, "outside/secret.md"), "secret\n");
    mkdirSync(join(project.root, "templates"));
    symlinkSync(join(home, "outside/secret.md"), join(project.root, "templates/linked.md"));
    symlinkSync(join(home, "outside"), join(project.root, "templates/folder"));
    expect(() => templateText(context, project, "linked.md")).toThrow(
      expect.objectContaining({ code: "file.symlink" }),
    );
    expect(() => templateText(context, project, "folder/secret.md")).toThrow(
      expect.objectContaining({ code: "template.escape" }),
    );
  });

  test("says where a missing template may be written", () => {
    const { context, project } = places();
    expect(() => templateText(context, project, "roles/nobody.md")).toThrow(
      expect.objectContaining({ code: "template.missing", fix: expect.stringContaining("roles/nobody.md") }),
    );
  });
});

describe("packagedTemplates", () => {
  test.each(["src/project/templates.ts", "dist/main.js", "dist/parts/templates-abc.js"])(
    "finds the package's templates from %s",
    (module) => {
      const root = temporaryDirectory();
      write(join(root, "package.json"), '{"name":"somebody-else"}');
      write(join(root, "node_modules/vibeops/package.json"), '{"name":"vibeops"}');
      const file = pathToFileURL(join(root, "node_modules/vibeops", module)).href;
      expect(packagedTemplates(file)).toBe(join(root, "node_modules/vibeops/templates"));
    },
  );
});
