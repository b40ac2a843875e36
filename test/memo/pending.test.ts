import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readPendingMail } from "../../src/memo/pending.ts";
import { FactCache } from "../../src/platform/fact-cache.ts";
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

/** Whose facts are old enough to be kept. */
const later = { now: () => new Date(Date.now() + 60_000) };

function mailOf({ root }: TestProject, at = now) {
  const cache = new FactCache(join(root, ".vibeops/facts.json"), "1", later);
  const mail = readPendingMail(root, at, cache);
  cache.save({ all: false });
  return mail;
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
  expect(mailOf(infra)).toEqual({
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
  expect(mailOf(infra).items).toEqual([
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
  expect(mailOf(infra).items).toMatchObject([
    { kind: "memo.quarantine", words: "in quarantine", title: "bad.md" },
    { kind: "memo.queued", words: "memo not delivered yet", since: "2026-11-19T14:32:10.000Z" },
  ]);
});

test("what the cache knows is the same again, and whatever changes an inbox changes the answer", () => {
  const infra = project();
  memo(infra, "20261110T100000Z-aaaaaaaa", "priority: urgent");
  memo(infra, "20261111T100000Z-aaaaaaaa", "due: 2026-11-12");
  memo(infra, "20261112T100000Z-aaaaaaaa", "x-receipt: done");
  const first = mailOf(infra);
  expect(first.counts).toEqual({ urgent: 1, high: 0, normal: 1, low: 0 });
  expect(mailOf(infra)).toEqual(first);

  // In its place, and of the same length.
  const path = join(infra.root, "memos/incoming/20261110T100000Z-aaaaaaaa.md");
  writeFileSync(path, readFileSync(path, "utf8").replace("urgent", "normal"));
  expect(mailOf(infra)).toMatchObject({
    counts: { urgent: 0, normal: 2 },
    items: [{ kind: "memo.overdue", words: "memo overdue" }],
  });
  memo(infra, "20261113T100000Z-aaaaaaaa");
  expect(mailOf(infra).counts.normal).toBe(3);
  rmSync(path);
  expect(mailOf(infra).counts.normal).toBe(2);
  rmSync(join(infra.root, "memos"), { recursive: true });
  expect(mailOf(infra)).toEqual({ counts: { urgent: 0, high: 0, normal: 0, low: 0 }, items: [] });
});

test("time passes over what the cache knows: a day comes, and what lay in the future is a memo", () => {
  const infra = project();
  memo(infra, "20261119T180000Z-aaaaaaaa", "priority: urgent", "due: 2026-11-22");
  memo(infra, "20261124T100000Z-aaaaaaaa", "x-more: here");
  expect(mailOf(infra)).toMatchObject({ counts: { urgent: 1, normal: 0 }, items: [] });
  expect(mailOf(infra, new Date("2026-11-21T14:00:00Z")).items).toMatchObject([{ kind: "memo.urgent" }]);
  expect(mailOf(infra, new Date("2026-11-23T14:00:00Z"))).toMatchObject({
    counts: { urgent: 1, normal: 1 },
    items: [{ kind: "memo.overdue" }],
  });
});

test.each(["{}", "[1]", '{"counts":{"urgent":1},"pressing":[]}', "null"])(
  "nonsense in the cache, %s, is not believed",
  (fact) => {
    const infra = project();
    memo(infra, "20261110T100000Z-aaaaaaaa", "priority: urgent");
    const first = mailOf(infra);
    const file = join(infra.root, ".vibeops/facts.json");
    const kept = JSON.parse(readFileSync(file, "utf8"));
    const [key = ""] = Object.keys(kept.facts);
    kept.facts[key][1] = JSON.parse(fact);
    writeFileSync(file, JSON.stringify(kept));
    expect(mailOf(infra)).toEqual(first);
  },
);
