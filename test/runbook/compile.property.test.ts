import { expect, test } from "vitest";
import { VibeopsError } from "../../src/errors.ts";
import { loadInventory } from "../../src/project/inventory.ts";
import { loadProject } from "../../src/project/project.ts";
import { compileRunbook } from "../../src/runbook/compile-runbook.ts";
import { lintRunbook } from "../../src/runbook/lint-runbook.ts";
import { parseRunbook } from "../../src/runbook/parse-runbook.ts";
import { projectSource } from "../../src/runbook/project-files.ts";
import fc from "../helpers/property.ts";
import { workspace } from "../helpers/workspace.ts";

const FILE = "runbooks/x/runbook.md";
const HEAD = `---
id: 20261120T150000Z-m2x9vaq4
title: T
hosts: [web1, web2]
files: [a.conf]
---

## Steps

### 1. A

`;

function action(use: string, parameters: string, host = "web1"): string {
  return `\`\`\`yaml action\nuse: ${use}\nhost: ${host}\nwith: ${parameters}\n\`\`\`\n`;
}

const RESTART = action("service.restart", "{ unit: a.service }");
const ASK = action("http.check", '{ url: "https://shop.example.com/", expect: "a\\"b" }');
const RUN = "```sh run host=web1\nx\n```\n\n";
const ROLLBACK = "```sh rollback host=web1,web2\nx\n```\n\n";

function infra() {
  const project = workspace().project(
    "infra",
    "project: infra\nagents: { sysadmin: { provider: builtin } }\n",
  );
  project.write("inventory.yaml", "hosts:\n  web1: {}\n  web2: {}\n");
  project.write("a.conf", "x\n");
  const loaded = loadProject(project.root);
  const sources = { inventory: loadInventory(loaded).inventory, files: projectSource(loaded) };
  return {
    compile: (text: string) => compileRunbook(text, FILE, sources.files),
    lint: (text: string) => lintRunbook(loaded, parseRunbook(text, FILE), sources).map(({ rule }) => rule),
  };
}

test.each([
  ["a run in the place of one that the action has not", ASK + RUN, "```sh check host=web1"],
  [
    "a way back where the action has none",
    RESTART + ROLLBACK,
    "No rollback: a restart changes no configuration.",
  ],
  [
    "a way back that an action has not, with a reason beside it",
    `${RESTART}${ROLLBACK}No rollback: as I say.\n`,
    "as I say.",
  ],
  [
    "a line of dashes right below the action",
    `${RESTART}---\n`,
    "No rollback: a restart changes no configuration.\n\n---",
  ],
])("compile is done after one time, of %s", (_, step, wanted) => {
  const { compile, lint } = infra();
  const once = compile(HEAD + step);
  expect(once).toContain(wanted);
  expect(compile(once)).toBe(once);
  expect(lint(once)).not.toContain("runbook.action-differs");
  expect(once.match(/No rollback:/g) ?? []).toHaveLength(step.startsWith(ASK) ? 0 : 1);
});

/** The text where `act` has it, and nothing where it refuses with an error of ours. */
function orRefused<T>(act: () => T): T | null {
  try {
    return act();
  } catch (error) {
    expect(error).toBeInstanceOf(VibeopsError);
    return null;
  }
}

test("whatever a runbook looks like, compile and lint end, and what was compiled needs no second time", () => {
  const { compile, lint } = infra();
  const piece = fc.constantFrom(
    ...[
      "## Verification\n\n",
      "### 2. B\n\n",
      "## Open questions\n\n- x\n\n",
      "No rollback: x\n\n",
      "text\n",
      "\n",
    ],
    ...[RESTART, ASK, RUN, ROLLBACK, action("wait", "{ seconds: 1 }"), action("nope", "{}")],
    ...[action("service.restart", "{ unit: a.service }", "[web1, web2]"), action("files.install", "[1]")],
    action("files.install", "{ files: [{ source: a.conf, destination: /etc/a }] }"),
    action("process.start", '{ directory: /srv/x, name: y, command: [a, "b`c```d"] }'),
    ...["```sh check host=web1\nx $Y\n```\n\n", "~~~sh check host=web2\nz\n~~~\n", "```\n", "<div>\n"],
    ...[
      "````text\n```sh run host=web1\n```\n````\n",
      "> ",
      "- ",
      "    ",
      "[x](y%zz)\n",
      "===\n",
      "---\n",
      "\u00a0",
    ],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
      const text = HEAD + pieces.join("");
      if (orRefused(() => lint(text)) === null) return;
      const once = orRefused(() => compile(text));
      if (once === null) return;
      expect(compile(once)).toBe(once);
      expect(lint(once)).not.toContain("runbook.action-differs");
    }),
    { numRuns: 1_000 },
  );
});
