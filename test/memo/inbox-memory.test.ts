import {
  cpSync,
  linkSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { recallInboxMemos } from "../../src/memo/inbox-memory.ts";
import { intakeMail } from "../../src/memo/intake.ts";
import { listInbox, listPending } from "../../src/memo/list.ts";
import { readInbox } from "../../src/memo/mailbox.ts";
import { loadProject } from "../../src/project/project.ts";
import { putMemo } from "../helpers/memo-file.ts";
import fc from "../helpers/property.ts";
import { shopAndInfra, type TestProject } from "../helpers/workspace.ts";

const COUNT = 80;
const nothing = new Set<string>();

/** An inbox that is worth remembering, whose files are old enough for it. */
async function office() {
  const space = shopAndInfra();
  const { infra } = space;
  for (let i = 0; i < COUNT; i += 1) put(infra, i);
  await sleep(2_100);
  const context = { ...space.context, now: () => new Date() };
  const folder = join(infra.root, "memos/incoming");
  const caches = join(space.context.env.HOME ?? "", ".cache/vibeops/inboxes");
  return {
    infra,
    context,
    folder,
    cache: () => join(caches, readdirSync(caches)[0] ?? ""),
    path: (i: number) => join(folder, `${idOf(i)}.md`),
    list: () => listInbox(infra.root, context, {}, nothing),
    /** Reads every file. */
    truth: () => {
      const { memos, notes, refused } = readInbox(infra.root, context.now());
      return { memos: listPending(memos, {}), notes, refused };
    },
    /** How many files are read, and how many recalled. */
    count: () => {
      const counts = { read: 0, recalled: 0 };
      recallInboxMemos(infra.root, context, (memo) => {
        if ("memo" in memo) counts.read += 1;
        else counts.recalled += 1;
      });
      return counts;
    },
  };
}

function idOf(i: number): string {
  return `20261101T12${String(Math.floor(i / 60)).padStart(2, "0")}${String(i % 60).padStart(2, "0")}Z-${String(i).padStart(8, "0")}`;
}

function put(infra: TestProject, i: number, subject = `Work ${i}`) {
  const extra = i % 3 === 0 ? { priority: "urgent" } : {};
  const body = "## Action items\n\n- [ ] One\n- [ ] Two\n";
  return putMemo(infra, "memos/incoming", { id: idOf(i), subject, body, ...extra });
}

type Office = Awaited<ReturnType<typeof office>>;

const changes: Readonly<Record<string, (site: Office, i: number) => void>> = {
  "a box ticked in place, of the same length": ({ path }, i) => {
    const text = readFileSync(path(i), "utf8");
    writeFileSync(path(i), text.replace("- [ ] Two", "- [x] Two"));
  },
  "edited with its old time put back": ({ path }, i) => {
    const { atime, mtime } = statSync(path(i));
    writeFileSync(path(i), readFileSync(path(i), "utf8").replace("Work", "Play"));
    utimesSync(path(i), atime, mtime);
  },
  "replaced by another of the same length": ({ path, folder }, i) => {
    const other = join(folder, ".other");
    writeFileSync(other, readFileSync(path(i), "utf8").replace("Work", "Rest"));
    renameSync(other, path(i));
  },
  removed: ({ path }, i) => rmSync(path(i), { force: true }),
  "another that came": ({ infra }, i) => void put(infra, i, "Come"),
  "broken in place": ({ path }, i) => writeFileSync(path(i), "---\nfrom: [\n---\n"),
  "made a link": ({ path, infra }, i) => {
    rmSync(path(i), { force: true });
    symlinkSync(join(infra.root, "vibeops.yaml"), path(i));
  },
  "given a second name": ({ path, folder }, i) => {
    linkSync(path(i), join(folder, `../${i}-${Math.random()}`));
  },
};

describe.concurrent("an inbox that was listed before", () => {
  test("is recalled as far as its files are what they were", async () => {
    const site = await office();
    expect(site.count()).toEqual({ read: COUNT, recalled: 0 });
    expect(site.count()).toEqual({ read: 0, recalled: COUNT });
    expect(site.list()).toEqual(site.truth());
  });

  test.each(Object.keys(changes))("tells the truth about a memo: %s", async (name) => {
    const site = await office();
    site.list();
    changes[name]?.(site, name === "another that came" ? COUNT + 1 : 7);
    const listed = site.list();
    expect(listed).toEqual(site.truth());
    const isKept = ({ path }: { path: string }) => path !== site.path(7);
    expect(listed.memos.filter(isKept).length).toBeGreaterThanOrEqual(COUNT - 1);
    expect(site.count().recalled).toBeGreaterThanOrEqual(COUNT - 1);
  });

  test("tells the truth after any changes", async () => {
    const site = await office();
    const change = fc.tuple(fc.constantFrom(...Object.keys(changes)), fc.nat(COUNT + 20));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), (steps) => {
        for (const [name, i] of steps) {
          // Whoever writes through a link writes something else.
          if (lstatSync(site.path(i), { throwIfNoEntry: false })?.isSymbolicLink() === true) continue;
          try {
            changes[name]?.(site, i);
          } catch {
            // There is no such memo any more.
          }
        }
        expect(site.list()).toEqual(site.truth());
      }),
      // The inbox stays as the steps before left it, so a shorter list of steps shows nothing else.
      { numRuns: 40, endOnFailure: true },
    );
  });

  test.each([
    ["nonsense", () => "{"],
    ["another version's", (text: string) => text.replace('"version":"', '"version":"x')],
    ["facts of another form", (text: string) => text.replaceAll("urgent", "pressing")],
    ["control characters", (text: string) => text.replaceAll("developer@shop", "de\\u001b[31mveloper@shop")],
    ["wrong stamps", (text: string) => text.replaceAll(':["', ':["0')],
  ])("is read again where its memory holds %s", async (_, spoil) => {
    const site = await office();
    site.list();
    const text = readFileSync(site.cache(), "utf8");
    const spoilt = spoil(text);
    expect(spoilt).not.toBe(text);
    writeFileSync(site.cache(), spoilt);
    expect(site.list()).toEqual(site.truth());
  });

  test("is listed where there is no place for a memory", async () => {
    const site = await office();
    for (const HOME of ["", "relative", "/dev/null"]) {
      const context = { ...site.context, env: { ...site.context.env, HOME } };
      expect(listInbox(site.infra.root, context, {}, nothing)).toEqual(site.truth());
    }
  });
});

test("what was taken in, is remembered, and is in HEAD no more is read, judged and committed again", async () => {
  const { infra, context, count, folder } = await office();
  cpSync(folder, join(infra.root, "../shop/memos/sent/2026-11"), { recursive: true });
  const take = async () => await intakeMail(loadProject(infra.root), context);
  const first = await take();
  expect(first.accepted).toHaveLength(COUNT);
  expect((await take()).changed).toBe(false);
  expect(count()).toEqual({ read: 0, recalled: COUNT });
  infra.git("reset", "--quiet", "--mixed", "HEAD~1");
  const again = await take();
  expect(again.accepted.map(({ memo }) => memo.id)).toEqual(first.accepted.map(({ memo }) => memo.id));
  expect(again.pending).toHaveLength(COUNT);
  expect(infra.git("status", "--porcelain", "memos")).toBe("");
});
