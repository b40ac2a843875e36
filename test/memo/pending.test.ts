import { expect, test } from "vitest";
import { readPendingMail } from "../../src/memo/pending.ts";
import { type TestProject, workspace } from "../helpers/workspace.ts";

const now = new Date("2026-11-20T14:32:11Z");

function memo(project: TestProject, id: string, ...lines: readonly string[]): void {
  const header = [
    `id: ${id}`,
    "from: developer@shop",
    "to: sysadmin@infra",
    `subject: About ${id}`,
    ...lines,
  ];
  project.write(`memos/incoming/${id}.md`, `---\n${header.join("\n")}\n---\n\n## Context\n`);
}

function project(): TestProject {
  return workspace().project("infra", "project: infra\nagents: { sysadmin: { provider: builtin } }\n");
}

test("counts what is pending by priority; receipts, notes and what is no memo are not pending", () => {
  const infra = project();
  memo(infra, "20261120T100000Z-aaaaaaaa", "priority: high");
  memo(infra, "20261120T100001Z-aaaaaaaa");
  memo(infra, "20261120T100002Z-aaaaaaaa", 'priority: "low"');
  memo(infra, "20261120T100003Z-aaaaaaaa", "x-receipt: done");
  memo(infra, "20261120T100004Z-aaaaaaaa", "priority: extreme");
  infra.write("memos/incoming/note.md", "call them back");
  infra.write("memos/incoming/20261120T100005Z-aaaaaaaa.md", "call them back");
  expect(readPendingMail(infra.root, now)).toEqual({
    counts: { urgent: 0, high: 1, normal: 1, low: 1 },
    items: [],
  });
});

test("names what is overdue, and what is urgent and a day old, each once and the longest first", () => {
  const infra = project();
  memo(infra, "20261110T100000Z-aaaaaaaa", "priority: urgent", "due: 2026-11-19");
  memo(infra, "20261111T100000Z-aaaaaaaa", "due: 2026-11-12");
  memo(infra, "20261112T100000Z-aaaaaaaa", "due: 2026-11-20");
  memo(infra, "20261119T143210Z-aaaaaaaa", "priority: urgent");
  memo(infra, "20261119T143212Z-aaaaaaaa", "priority: urgent");
  expect(readPendingMail(infra.root, now).items).toEqual([
    {
      kind: "memo.overdue",
      words: "2 memos overdue",
      id: "20261111T100000Z-aaaaaaaa",
      title: "About 20261111T100000Z-aaaaaaaa",
      since: "2026-11-12",
      command: "vibeops memo list",
    },
    {
      kind: "memo.urgent",
      words: "memo urgent and a day old",
      id: "20261119T143210Z-aaaaaaaa",
      title: "About 20261119T143210Z-aaaaaaaa",
      since: "2026-11-19T14:32:10.000Z",
      command: "vibeops memo show 20261119T143210Z-aaaaaaaa",
    },
  ]);
});

test("names what lies in quarantine and what is not delivered", () => {
  const infra = project();
  infra.write("memos/quarantine/bad.md", "x");
  infra.write("memos/quarantine/bad.md.reason.md", "why");
  infra.write("memos/outgoing/20261119T143210Z-aaaaaaaa-x.md", "x");
  expect(readPendingMail(infra.root, now).items).toMatchObject([
    { kind: "memo.quarantine", words: "in quarantine", title: "bad.md" },
    { kind: "memo.queued", words: "memo not delivered yet", since: "2026-11-19T14:32:10.000Z" },
  ]);
});
