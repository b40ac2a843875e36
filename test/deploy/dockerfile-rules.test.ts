import { describe, expect, test } from "vitest";
import { planPreparation } from "../../src/deploy/prepare.ts";
import { fixtureInput, fixtureNames } from "./fixture.ts";

const names = fixtureNames().filter((name) => name.startsWith("dockerfile-"));

describe.each(names)("the Dockerfile of %s", (name) => {
  const { files, questions } = planPreparation(fixtureInput(name));
  const text = files.find(({ path }) => path.endsWith("/Dockerfile"))?.content ?? "";
  const lines = text.split("\n");
  const asked = questions.map(({ id }) => id);

  test("pins its base images: a version, or an argument that has one or stops the build", () => {
    const bases = lines.filter((line) => line.startsWith("FROM "));
    expect(bases.length).toBeGreaterThan(0);
    for (const base of bases) {
      expect(base).toMatch(/^FROM docker\.io\/[a-z/-]+:(?:\d|\$\{[A-Z]+_VERSION\})/);
      expect(base).not.toMatch(/:latest/);
    }
    const [argument] = lines.filter((line) => line.startsWith("ARG "));
    if (asked.includes("dockerfile-version")) expect(argument).toMatch(/^ARG [A-Z]+_VERSION$/);
    else if (argument !== undefined) expect(argument).toMatch(/^ARG [A-Z]+_VERSION=\d+(?:\.\d+)*$/);
  });

  test("runs as an ordinary user, which it becomes after everything that needs more", () => {
    if (text.includes("nginx-unprivileged")) return;
    const user = lines.findLastIndex((line) => /^USER (?!root|0)/.test(line));
    expect(user).toBeGreaterThan(lines.findLastIndex((line) => /^(?:FROM|COPY|RUN) /.test(line)));
  });

  test("has a health check in exec form, or asks for what it would need", () => {
    const questions = asked.filter((id) => ["dockerfile-health", "health-missing"].includes(id));
    expect(questions).toHaveLength(/^HEALTHCHECK .* CMD \[/m.test(text) ? 0 : 1);
  });

  test("says what starts it, or ends at once and asks", () => {
    expect(text.includes("which command starts it is an open question")).toBe(
      asked.includes("dockerfile-command"),
    );
    expect(asked).toContain("dockerfile-review");
  });

  test("copies neither git's folder nor what looks like a secret, in whichever folder it lies", () => {
    const ignored = files.find(({ path }) => path.endsWith("/Dockerfile.dockerignore"))?.content.split("\n");
    expect(ignored).toEqual(expect.arrayContaining([".git", "**/.env", "**/.env.*", "**/*.pem", "**/*.key"]));
  });
});

test("leaves out what its own build makes, and no folder that only another kind's would", () => {
  const ignored = (name: string) =>
    planPreparation(fixtureInput(name)).files.find(({ path }) => path.endsWith(".dockerignore"))?.content ??
    "";
  expect(ignored("dockerfile-node")).toMatch(/^\*\*\/node_modules$/m);
  expect(ignored("dockerfile-ruby")).toMatch(/^vendor\/bundle$/m);
  for (const name of ["dockerfile-static", "dockerfile-go", "dockerfile-node", "dockerfile-ruby"])
    expect(ignored(name)).not.toMatch(/^(?:vendor|target)$/m);
});
