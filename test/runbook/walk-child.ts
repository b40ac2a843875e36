// A walk in a process of its own, for tests that kill it: answers every question with "run", and waits for ever
// at the one that the second argument names.
import { randomBytes } from "node:crypto";
import { requireGit } from "../../src/platform/git.ts";
import { loadProject } from "../../src/project/project.ts";
import type { Operator } from "../../src/runbook/operator.ts";
import { walkRunbook } from "../../src/runbook/walk.ts";

const [root = "", id = ""] = process.argv.slice(2);
const context = { env: process.env, now: () => new Date("2026-11-20T14:32:11Z"), randomBytes };

const operator: Operator = {
  who: "ada@example.com",
  showStep: () => {},
  showCommand: () => {},
  say: () => {},
  output: (_, text) => void process.stdout.write(text),
  choose: async (_, choices) =>
    choices.find(({ value }) => value === "run")?.value ?? Promise.reject(new Error("?")),
  ask: async () => "reason",
  paste: async () => "",
  interruptible: (run) => run(new AbortController().signal),
};

await walkRunbook({ project: loadProject(root), git: requireGit(root, context.env), context }, id, {
  mode: "ssh",
  operator,
  facts: { terminal: true },
});
