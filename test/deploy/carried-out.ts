import { mkdirSync } from "node:fs";
import { loadProject } from "../../src/project/project.ts";
import { hashCommand } from "../../src/runbook/current-content.ts";
import { RecordWriter } from "../../src/runbook/record.ts";
import type { RecordEvent } from "../../src/runbook/record-event.ts";
import { commandsOf, type Step } from "../../src/runbook/runbook.ts";
import { type LoadedRunbook, loadRunbook } from "../../src/runbook/runbook-folder.ts";
import type { TestProject } from "../helpers/workspace.ts";

const RESULT = { exit: 0, stdout: "", stderr: "", reported: "host" } as const;

/**
 * Writes and commits the record of a walk in which every step of a runbook went well, in the order of a real one. The
 * approval that it names is none: whoever reads the trail to prepare something takes nothing for granted, and a person
 * approves what is prepared.
 */
export function carryOut(project: TestProject, runbook: string, time: string, walk: string): void {
  const loaded = loadRunbook(loadProject(project.root), runbook);
  mkdirSync(loaded.folder.records, { recursive: true });
  const writer = RecordWriter.create(loaded.folder, walk, () => undefined);
  const start = Date.parse(time);
  const events = eventsOf(project, loaded);
  events.forEach((event, i) => {
    writer.append(event, new Date(start + i * 1000));
  });
  writer.close();
  project.git("add", "--all");
  project.git("commit", "--quiet", "--message", `Walk runbook ${runbook}: completed`);
}

function eventsOf(project: TestProject, { runbook, sha256 }: LoadedRunbook): RecordEvent[] {
  return [
    {
      event: "start",
      runbook: runbook.id,
      sha256,
      approval: "20261120T143211Z-00000777",
      statement: "0".repeat(64),
      approver: "ada@example.com",
      mode: "ssh",
      operator: "ada@example.com",
      head: project.git("rev-parse", "HEAD").trim(),
    },
    ...runbook.steps.flatMap(stepEvents),
    { event: "completed" },
  ];
}

function stepEvents(step: Step): RecordEvent[] {
  const runs = (step.run === undefined ? [] : commandsOf(step.run)).flatMap((command): RecordEvent[] => [
    {
      ...{ event: "started", step: step.number, kind: "run", host: command.host, by: "ssh" },
      ...{ command: hashCommand(command), bytes: "0".repeat(64) },
    } as RecordEvent,
    { event: "finished", step: step.number, kind: "run", host: command.host, outcome: "ok", ...RESULT },
  ]);
  const checks = step.checks.flatMap((check, index) =>
    commandsOf(check).map(
      ({ host }): RecordEvent => ({
        ...{ event: "checked" as const, step: step.number, index, host, ok: true, attempts: 1 },
        ...RESULT,
      }),
    ),
  );
  return [...runs, ...checks];
}
