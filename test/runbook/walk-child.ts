// A walk in a process of its own, for tests that kill it: answers every question with "run" or "yes". With a third
// argument such as "4:noted" it kills itself once the fourth line of this process is noted, with "4:written" once it
// is in the record.
import { randomBytes } from "node:crypto";
import { requireGit } from "../../src/platform/git.ts";
import { loadProject } from "../../src/project/project.ts";
import type { Operator } from "../../src/runbook/operator.ts";
import { RecordWriter } from "../../src/runbook/record.ts";
import { walkRunbook } from "../../src/runbook/walk.ts";

const [root = "", id = "", killAt = ""] = process.argv.slice(2);
const context = { env: process.env, now: () => new Date("2026-11-20T14:32:11Z"), randomBytes };

/** From here on nothing of this process runs: SIGKILL cannot be caught. */
function die(): void {
  process.kill(process.pid, "SIGKILL");
}

const { create } = RecordWriter;
const { append } = RecordWriter.prototype;
let noted = 0;
let written = 0;
RecordWriter.create = (folder, name, note) =>
  create.call(RecordWriter, folder, name, (line) => {
    note(line);
    noted += 1;
    if (killAt === `${noted}:noted`) die();
  });
RecordWriter.prototype.append = function (event, time) {
  const line = append.call(this, event, time);
  written += 1;
  if (killAt === `${written}:written`) die();
  return line;
};

const operator: Operator = {
  who: "ada@example.com",
  showStep: () => {},
  showCommand: () => {},
  say: () => {},
  output: (_, text) => void process.stdout.write(text),
  choose: async (_, choices) =>
    choices.find(({ value }) => value === "run" || value === "yes")?.value ?? Promise.reject(new Error("?")),
  ask: async () => "reason",
  paste: async () => "",
  interruptible: (run) => run(new AbortController().signal),
};

await walkRunbook({ project: loadProject(root), git: requireGit(root, context.env), context }, id, {
  mode: "ssh",
  operator,
  facts: { terminal: true },
});
