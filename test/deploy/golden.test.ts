import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { planPreparation } from "../../src/deploy/prepare.ts";
import { FIXTURES, fixtureInput, fixtureNames } from "./fixture.ts";

// UPDATE_GOLDEN=1 writes the files anew; the change then shows as a diff in review.
const UPDATE = process.env.UPDATE_GOLDEN === "1";

test.each(fixtureNames())("%s: what is prepared is what was reviewed", (name) => {
  const plan = planPreparation(fixtureInput(name));
  const expected = join(FIXTURES, name, "expected");
  const outcome = new Map(plan.files.map((file) => [file.path, file.content]));
  outcome.set("reply.md", plan.reply);
  outcome.set("progress.txt", `${plan.progress}\n`);
  if (UPDATE) rewrite(expected, outcome);
  expect([...outcome.keys()].sort()).toEqual(listFiles(expected));
  for (const [path, content] of outcome)
    expect(content, path).toBe(readFileSync(join(expected, path), "utf8"));
});

function rewrite(folder: string, files: ReadonlyMap<string, string>): void {
  rmSync(folder, { recursive: true, force: true });
  for (const [path, content] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
