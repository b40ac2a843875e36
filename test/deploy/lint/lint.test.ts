import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { lintPaths } from "../../../src/deploy/lint/lint.ts";
import { FIXTURES as PREPARED } from "../fixture.ts";
import { lintOptions } from "./options.ts";

const FIXTURES = join(import.meta.dirname, "../../fixtures/lint");
// UPDATE_GOLDEN=1 writes expected.json anew; the change then shows as a diff in review.
const UPDATE = process.env.UPDATE_GOLDEN === "1";
const names = readdirSync(FIXTURES).sort();

async function lintFixture(name: string) {
  const folder = join(FIXTURES, name);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/^(?:expected\.json|Dockerfile|\.env)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const report = await lintPaths(files, lintOptions());
  return {
    findings: report.findings.map(({ file, ...finding }) => ({
      file: relative(folder, file ?? ""),
      ...finding,
    })),
    notes: report.notes.map((note) => note.replaceAll(`${folder}/`, "")),
    suppressed: report.suppressed,
  };
}

test.each(names)("%s: finds what was reviewed, at its place", async (name) => {
  const found = await lintFixture(name);
  const expected = join(FIXTURES, name, "expected.json");
  if (UPDATE) writeFileSync(expected, `${JSON.stringify(found, null, 2)}\n`);
  expect(found).toEqual(JSON.parse(readFileSync(expected, "utf8")));
});

test.each(names.filter((name) => name.startsWith("harmless-")))("%s: nothing is said of it", async (name) => {
  expect(await lintFixture(name)).toEqual({ findings: [], notes: [], suppressed: 0 });
});

test.each(readdirSync(PREPARED))("what is prepared has no finding: %s", async (name) => {
  const report = await lintPaths([join(PREPARED, name, "expected/deploy")], lintOptions());
  expect(report.findings).toEqual([]);
});
