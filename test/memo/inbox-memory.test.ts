import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listInbox } from "../../src/memo/list.ts";
import type { Context } from "../../src/platform/context.ts";
import { temporaryDirectory } from "../helpers/directory.ts";
import { type TestProject, workspace } from "../helpers/workspace.ts";

/** Enough to be worth remembering. */
const MEMOS = 80;

function textOf(id: string, subject: string): string {
  return `---\nid: ${id}\nfrom: developer@shop\nto: sysadmin@infra\nsubject: ${subject}\n---\n\n## Action items\n- [ ] one\n`;
}

function crowdedInbox() {
  const infra = workspace().project("infra", "project: infra\nagents: { sysadmin: { provider: builtin } }\n");
  const names = Array.from(
    { length: MEMOS },
    (_, i) => `20261101T1000${String(i % 60).padStart(2, "0")}Z-aaaaaa${i + 10}`,
  );
  for (const id of names) infra.write(`memos/incoming/${id}.md`, textOf(id, `About ${id}`));
  const home = temporaryDirectory();
  return { infra, home, names, first: names[0] ?? "", cache: join(home, ".cache/vibeops/inboxes") };
}

/** Late enough for what the test wrote to be kept. */
function list({ root }: TestProject, HOME: string) {
  const context: Context = {
    env: { HOME },
    now: () => new Date(Date.now() + 60_000),
    randomBytes: (count) => new Uint8Array(count),
  };
  return listInbox(root, context, {}, new Set());
}

test("an inbox is listed the same from memory, and with its memory spoilt", () => {
  const { infra, home, cache } = crowdedInbox();
  const fresh = list(infra, home);
  expect(fresh.memos).toHaveLength(MEMOS);
  expect(list(infra, home)).toEqual(fresh);
  const [name = ""] = readdirSync(cache);
  const file = join(cache, name);
  const kept = readFileSync(file, "utf8");
  for (const nonsense of ["", "{", "[]", kept.slice(0, 900), kept.replaceAll('"request"', '"secret"')]) {
    writeFileSync(file, nonsense);
    expect(list(infra, home)).toEqual(fresh);
  }
});

test("what was edited, replaced or taken away since is listed as it is, whatever its size and time say", () => {
  const { infra, home, first } = crowdedInbox();
  list(infra, home);
  const path = join(infra.root, `memos/incoming/${first}.md`);
  const { atime, mtime } = statSync(path);
  const subjects = () => list(infra, home).memos.map(({ subject }) => subject);
  writeFileSync(path, textOf(first, `AbouT ${first}`));
  utimesSync(path, atime, mtime);
  expect(subjects()).toContain(`AbouT ${first}`);
  writeFileSync(`${path}.new`, textOf(first, `ABouT ${first}`));
  utimesSync(`${path}.new`, atime, mtime);
  renameSync(`${path}.new`, path);
  expect(subjects()).toContain(`ABouT ${first}`);
  rmSync(path);
  expect(subjects()).toHaveLength(MEMOS - 1);
});

test.each(["", "somewhere"])(
  "an inbox is listed where HOME is '%s' and there is no place for a memory",
  (home) => {
    const { infra } = crowdedInbox();
    expect(list(infra, home).memos).toHaveLength(MEMOS);
    expect(existsSync("somewhere")).toBe(false);
  },
);
