import { execFileSync } from "node:child_process";
import { linkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { listInbox, listPending } from "../../src/memo/list.ts";
import { readInbox } from "../../src/memo/mailbox.ts";
import { putMemo } from "../helpers/memo-file.ts";
import { shopAndInfra } from "../helpers/workspace.ts";

const OPEN = "## Action items\n\n- [ ] One\n- [ ] Two\n";
const BEGUN = "## Action items\n\n- [x] One\n- [ ] Two\n";
const READY = "## Action items\n\n- [x] One\n";

/** An inbox with one memo of each kind; the clock stands at 2026-11-20T14:32:11Z. */
function office() {
  const space = shopAndInfra();
  const { infra } = space;
  putMemo(infra, "memos/incoming", { id: "20261120T140000Z-aaaaaaaa", subject: "Fresh", body: OPEN });
  putMemo(infra, "memos/incoming", {
    id: "20261113T120000Z-bbbbbbbb",
    subject: "Begun",
    body: BEGUN,
    priority: "urgent",
  });
  putMemo(infra, "memos/incoming", {
    id: "20261001T120000Z-cccccccc",
    subject: "Old",
    body: READY,
    from: "pm@office",
    to: "infra",
    type: "info",
    priority: "low",
  });
  return space;
}

async function listed({ infra }: ReturnType<typeof office>, ...flags: string[]) {
  const { stdout, exit } = await infra.vibeops("memo", "list", ...flags, "--json");
  expect(exit, stdout).toBe(0);
  return JSON.parse(stdout).result;
}

const subjects = ({ memos }: { memos: { subject: string }[] }) => memos.map(({ subject }) => subject);

describe("memo list", () => {
  test.each([
    [[], ["Begun", "Fresh", "Old"]],
    [["--state", "new"], ["Fresh"]],
    [["--state", "in progress"], ["Begun"]],
    [["--state", "ready"], ["Old"]],
    [["--from", "office"], ["Old"]],
    [["--from", "pm@office"], ["Old"]],
    [
      ["--to", "sysadmin@infra"],
      ["Begun", "Fresh"],
    ],
    [["--priority", "urgent"], ["Begun"]],
    [["--type", "info"], ["Old"]],
    [
      ["--older", "7d"],
      ["Begun", "Old"],
    ],
    [["--older", "2w"], ["Old"]],
    [["--newer", "24h"], ["Fresh"]],
    [["--newer", "2w", "--older", "1d"], ["Begun"]],
    [
      ["--text", "ACTION"],
      ["Begun", "Fresh", "Old"],
    ],
    [["--text", "old"], ["Old"]],
    [["--text", "old", "--priority", "urgent"], []],
  ])("%j shows %j", async (flags, expected) => {
    const result = await listed(office(), ...flags);
    expect(subjects(result)).toEqual(expected);
    expect(result.total).toBe(expected.length);
  });

  test.each([
    ["done", "--archived"],
    ["sent", "--sent"],
  ])("a state that is not pending, %s, names the list that has it", async (state, flag) => {
    const { infra } = office();
    const { exit, stderr } = await infra.vibeops("memo", "list", "--state", state);
    expect(exit).toBe(2);
    expect(stderr).toContain(`fix: vibeops memo list ${flag}`);
  });

  test("a limit shows the first and says how many there are", async () => {
    const space = office();
    expect(await listed(space, "--limit", "1")).toMatchObject({ memos: [{ subject: "Begun" }], total: 3 });
    const { stdout } = await space.infra.vibeops("memo", "list", "--limit", "2");
    expect(stdout).toContain("2 of 3 memos are shown; --limit 0 shows all of them");
    expect(stdout).not.toContain("Old");
  });

  test.each([
    [["--older", "7"], "--older is '7'"],
    [["--newer", "yesterday"], "--newer is 'yesterday'"],
    [["--limit", "-1"], "--limit is '-1'"],
    [["--from", "Shop"], "--from is 'Shop'"],
    [["--to", "a@b@c"], "--to is 'a@b@c'"],
    [["--priority", "hgih"], "did you mean 'high'"],
    [["--type", "deploy"], "one of: deployment"],
    [["--all", "--project", "shop"], "--all is of all your projects"],
    [["--state", "redy"], "did you mean 'ready'"],
    [["--archived", "--state", "new"], "--state"],
  ])("%j is refused with what would be right", async (flags, message) => {
    const { exit, stderr } = await office().infra.vibeops("memo", "list", ...flags);
    expect(exit).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).toContain("fix:");
  });

  test("what else lies in the inbox is named, and hides nothing", async () => {
    const space = office();
    const folder = join(space.infra.root, "memos/incoming");
    writeFileSync(join(folder, "note\nwith a line break.txt"), "Clean up\n");
    writeFileSync(join(folder, "20261120T130000Z-dddddddd.md"), "---\nid: [\n---\n");
    writeFileSync(join(folder, "20261120T130000Z-eeeeeeee.md"), Buffer.from([0x2d, 0x2d, 0x2d, 0x0a, 0xff]));
    symlinkSync("/etc/hostname", join(folder, "20261120T130000Z-ffffffff.md"));
    linkSync(join(space.infra.root, "vibeops.yaml"), join(folder, "20261120T130000Z-gggggggg.md"));
    execFileSync("mkfifo", [join(folder, "20261120T130000Z-hhhhhhhh.md")]);
    const result = await listed(space);
    expect(subjects(result)).toEqual(["Begun", "Fresh", "Old"]);
    expect(result.notes).toEqual(["note\nwith a line break.txt"]);
    expect(result.refused.map(({ code }: { code: string }) => code)).toEqual([
      "memo.yaml-syntax",
      "memo.utf8",
      "file.symlink",
      "file.hardlink",
      "file.type",
    ]);
    expect((await space.infra.vibeops("memo", "list")).stdout).toContain("note⟨U+000A⟩with a line break.txt");
  });

  test("the command that adopts a note holds its name as one word, whatever a sender called it", async () => {
    const space = office();
    writeFileSync(join(space.infra.root, "memos/incoming/x'; touch y; '.txt"), "Clean up\n");
    const adopt = `memo adopt 'memos/incoming/x'\\''; touch y; '\\''.txt'`;
    expect((await space.infra.vibeops("memo", "list")).stdout).toContain(adopt);
    expect((await space.infra.vibeops("doctor")).stdout).toContain(adopt);
  });

  test("an inbox read memo by memo is the inbox read as a whole", () => {
    const { infra, context } = office();
    const now = context.now();
    const whole = readInbox(infra.root, now);
    for (const filter of [{}, { state: "new" }, { text: "one" }]) {
      expect(listInbox(infra.root, context, filter, new Set()).memos).toEqual(
        listPending(whole.memos, filter),
      );
    }
  });
});

/** Sixty finished memos of two months, one of them urgent, and two that were sent. */
function archive() {
  const space = shopAndInfra();
  for (let day = 1; day <= 30; day += 1) {
    for (const month of ["09", "10"]) {
      const id = `2026${month}${String(day).padStart(2, "0")}T120000Z-aaaaaaaa`;
      const priority = month === "09" && day === 7 ? "urgent" : "normal";
      const body = day === 9 ? "About caddy.\n" : "Words.\n";
      putMemo(space.infra, `memos/archived/2026-${month}`, {
        id,
        priority,
        body,
        subject: `Day ${month}-${day}`,
      });
    }
  }
  for (const letter of ["a", "b"]) {
    const id = `20261119T120000Z-${letter.repeat(8)}`;
    putMemo(space.infra, "memos/sent/2026-11", {
      id,
      from: "sysadmin@infra",
      to: "shop",
      subject: `Sent ${letter}`,
    });
  }
  return space;
}

describe("memo list of what is over", () => {
  test("the newest fifty of the archive, and how many there are", async () => {
    const space = archive();
    const result = await listed(space, "--archived");
    expect(result.memos).toHaveLength(50);
    expect(result.total).toBe(60);
    expect(subjects(result).slice(0, 2)).toEqual(["Day 10-30", "Day 10-29"]);
    expect((await listed(space, "--archived", "--limit", "0")).memos).toHaveLength(60);
  });

  test("filters look at all of it", async () => {
    const space = archive();
    expect(await listed(space, "--archived", "--priority", "urgent", "--limit", "1")).toMatchObject({
      memos: [{ subject: "Day 09-7", state: "archived" }],
      total: 1,
    });
    expect(subjects(await listed(space, "--archived", "--text", "Caddy"))).toEqual(["Day 10-9", "Day 09-9"]);
    expect((await listed(space, "--archived", "--older", "6w", "--limit", "3")).total).toBe(39);
  });

  test("what was sent names its receiver", async () => {
    const space = archive();
    expect(subjects(await listed(space, "--sent"))).toEqual(["Sent b", "Sent a"]);
    expect((await space.infra.vibeops("memo", "list", "--sent")).stdout).toContain("to shop");
    expect(subjects(await listed(space, "--sent", "--archived", "--limit", "3"))).toEqual([
      "Sent b",
      "Sent a",
      "Day 10-30",
    ]);
  });

  test("what cannot be read is named, and is not counted", async () => {
    const space = archive();
    writeFileSync(
      join(space.infra.root, "memos/archived/2026-10/20261031T120000Z-zzzzzzzz.md"),
      "---\nid: [\n---\n",
    );
    const result = await listed(space, "--archived");
    expect(result).toMatchObject({ total: 60, refused: [{ code: "memo.yaml-syntax" }] });
  });
});
