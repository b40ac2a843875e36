import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { Findings } from "../../../src/deploy/scan/findings.ts";
import { RepositoryFiles } from "../../../src/deploy/scan/repository-files.ts";
import { findMembers } from "../../../src/deploy/scan/workspace-members.ts";
import { temporaryDirectory } from "../../helpers/directory.ts";

function membersOf(texts: Readonly<Record<string, string>>): string[] {
  const root = temporaryDirectory();
  for (const [path, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const findings = new Findings();
  return findMembers(
    new RepositoryFiles(root, Object.keys(texts).sort(), findings),
    (path) => path.endsWith("/a"),
    findings,
  );
}

const folders = { "apps/api/a": "", "apps/web/a": "", "libs/deep/core/a": "", "tools/x/a": "" };

test.each<[string, Readonly<Record<string, string>>, string[]]>([
  ["npm's list", { "package.json": '{"workspaces":["apps/*"]}' }, ["apps/api", "apps/web"]],
  ["npm's map", { "package.json": '{"workspaces":{"packages":["./apps/web/"]}}' }, ["apps/web"]],
  [
    "pnpm's, with one left out",
    { "pnpm-workspace.yaml": "packages:\n  - apps/*\n  - '!apps/web'\n" },
    ["apps/api"],
  ],
  ["any depth", { "pnpm-workspace.yaml": "packages: ['libs/**']\n" }, ["libs/deep/core"]],
  ["Cargo's", { "Cargo.toml": '[workspace]\nmembers = ["apps/api"]\n' }, ["apps/api"]],
  [
    "Go's",
    { "go.work": "go 1.22\nuse (\n\t./apps/api // the API\n)\nuse ./tools/x\n" },
    ["apps/api", "tools/x"],
  ],
  [
    "Maven's, but for a comment",
    {
      "pom.xml":
        "<project><modules><module> apps/api </module><!-- <module>apps/web</module> --></modules></project>",
    },
    ["apps/api"],
  ],
  [
    "Gradle's",
    { "settings.gradle.kts": 'include(":apps:api",\n  ":libs:deep:core")\nincludeBuild("tools/x")\n' },
    ["apps/api", "libs/deep/core"],
  ],
  ["none", { "package.json": '{"name":"x"}' }, []],
])("a workspace's packages: %s", (_, manifest, expected) => {
  expect(membersOf({ ...folders, ...manifest })).toEqual(expected);
});

test("a pattern of many stars, or one that leads out, names nothing", () => {
  const many = `${"*a".repeat(90)}`;
  expect(
    membersOf({ ...folders, "package.json": JSON.stringify({ workspaces: [many, "../*", "/etc"] }) }),
  ).toEqual([]);
});
