import { randomBytes } from "node:crypto";
import {
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { readAll } from "../../src/cli/prompt.ts";
import { memoFileName } from "../../src/memo/file-name.ts";
import { formatMemo } from "../../src/memo/format-memo.ts";
import { intakeMail } from "../../src/memo/intake.ts";
import { planMemos } from "../../src/memo/send.ts";
import { newId } from "../../src/platform/ids.ts";
import { loadProject } from "../../src/project/project.ts";
import { shopAndInfra, workspace } from "../helpers/workspace.ts";

const NEW = [
  "memo",
  "new",
  "Deploy shop 1.2.0",
  "--to",
  "sysadmin@infra",
  "--item",
  "Prepare it",
  "--item",
  "Write the runbook",
];

describe("sending", () => {
  test("a memo is committed by its sender and arrives, uncommitted, in the receiver's inbox", async () => {
    const { shop, infra } = shopAndInfra();
    const sent = await shop.vibeops(...NEW, "--body", "Please.", "--json");
    expect(sent.exit).toBe(0);
    expect(JSON.parse(sent.stdout)).toMatchObject({
      ok: true,
      result: { sent: [{ outcome: "delivered", to: "sysadmin@infra" }] },
    });
    const [name = ""] = infra.list("memos/incoming");
    expect(name).toMatch(/^20261120T143211Z-[0-9a-hjkmnp-tv-z]{8}-deploy-shop-1-2-0\.md$/);
    expect(shop.read(`memos/sent/2026-11/${name}`)).toBe(infra.read(`memos/incoming/${name}`));
    expect(shop.git("show", "--name-only", "--format=%s", "HEAD")).toContain(`memos/sent/2026-11/${name}`);
    expect(shop.list("memos/outgoing")).toEqual([]);
    expect(infra.git("log", "--oneline").trim().split("\n")).toHaveLength(1);
  });

  test("several recipients get a copy each, with an id of its own and one thread", async () => {
    const { shop, infra } = shopAndInfra();
    const sent = await shop.vibeops(
      "memo",
      "new",
      "Freeze",
      "--to",
      "infra",
      "--to",
      "shop",
      "--body",
      "Now.",
      "--type",
      "info",
    );
    expect(sent.exit).toBe(0);
    const [one = ""] = infra.list("memos/incoming");
    const [other = ""] = shop.list("memos/incoming");
    const thread = /^thread: (.*)$/m;
    expect(one).not.toBe(other);
    expect(thread.exec(infra.read(`memos/incoming/${one}`))?.[1]).toBe(
      thread.exec(shop.read(`memos/incoming/${other}`))?.[1],
    );
    expect(shop.git("log", "--format=%s", "-1").trim()).toBe("Memo to infra, shop: Freeze");
  });

  test("an item is one box on one line, whatever was typed, and one without words is refused", async () => {
    const { shop, infra } = shopAndInfra();
    const write = (...items: string[]) =>
      shop.vibeops("memo", "new", "Look", "--to", "infra", ...items.flatMap((item) => ["--item", item]));
    expect(await write("One", " ")).toMatchObject({ exit: 2, stderr: expect.stringContaining("no words") });
    expect(infra.list("memos/incoming")).toEqual([]);
    expect(await write("One\nand more\r\n## Completion", "Two")).toMatchObject({ exit: 0 });
    const { stdout } = await infra.vibeops("memo", "check", "look", "2");
    expect(stdout).toContain("1. [ ] One and more ## Completion\n2. [x] Two");
  });

  test("a receiver that has not accepted is named with the line to add, and nothing is written anywhere", async () => {
    const { shop, infra } = shopAndInfra();
    infra.write(
      "vibeops.yaml",
      "project: infra\nagents: { sysadmin: { provider: builtin } }\npeers: { shop: { path: ../shop } }\n",
    );
    const before = shop.git("rev-parse", "HEAD");
    const refused = await shop.vibeops(...NEW, "--json");
    expect(refused.exit).toBe(5);
    const { error } = JSON.parse(refused.stdout);
    expect(error.code).toBe("grant.missing");
    expect(error.file).toContain("infra/vibeops.yaml");
    expect(error.fix).toContain("- { from: shop, types: [request] }");
    expect(shop.git("rev-parse", "HEAD")).toBe(before);
    expect(shop.list("memos")).toEqual([]);
    expect(infra.list("memos")).toEqual([]);
  });

  test("a grant that has ended, or covers other types, is no grant", async () => {
    const { shop, context } = shopAndInfra();
    const other = await shop.vibeops("memo", "new", "x", "--to", "infra", "--type", "incident");
    expect(other.exit).toBe(5);
    context.setNow("2027-07-01T00:00:00Z");
    expect((await shop.vibeops(...NEW)).stderr).toContain("ended on 2027-06-30");
  });

  test("an unknown peer, role or priority is an error that names the nearest one", async () => {
    const { shop } = shopAndInfra();
    const near = await shop.vibeops("memo", "new", "x", "--to", "infar");
    expect(near.stderr).toContain("did you mean 'infra'");
    expect(near.stderr).toContain("fix: write infra");
    expect((await shop.vibeops("memo", "new", "x", "--to", "sysadmn@infra")).stderr).toContain(
      "did you mean 'sysadmin'",
    );
    // A word of the language in which we are written is no peer either.
    const odd = await shop.vibeops("memo", "new", "x", "--to", "constructor", "--body", "x");
    expect(odd).toMatchObject({ exit: 5, stderr: expect.stringContaining("has no peer 'constructor'") });
    const wrong = await shop.vibeops("memo", "new", "x", "--to", "infra", "--priority", "hgih");
    expect(wrong).toMatchObject({ exit: 2 });
    expect(wrong.stderr).toContain("did you mean 'high'");
  });

  test("a secret is refused before anything is written, with its place and a masked excerpt", async () => {
    const { shop } = shopAndInfra();
    const token = ["ghp", "_", "Zx8Qw2Lm5Rt9Vb3Nk7Hj4Pd6Sf1Gc0Yaa1B2"].join("");
    const refused = await shop.vibeops("memo", "new", "x", "--to", "infra", "--body", `Use this: ${token}`);
    expect(refused.exit).toBe(5);
    expect(refused.stderr).toContain("line 1 of the text looks like a secret");
    expect(refused.stderr).not.toContain(token);
    expect(shop.list("memos")).toEqual([]);
  });

  test("also in the subject and in what stands in the front matter", async () => {
    const { shop } = shopAndInfra();
    const token = ["ghp", "_", "Zx8Qw2Lm5Rt9Vb3Nk7Hj4Pd6Sf1Gc0Yaa1B2"].join("");
    const subject = await shop.vibeops("memo", "new", `Use ${token}`, "--to", "infra", "--body", "x");
    expect(subject.stderr).toContain("the subject looks like a secret");
    const project = loadProject(shop.root);
    const letter = {
      subject: "x",
      body: "x",
      type: "request",
      priority: "normal",
      refs: [`a ${token}`],
    } as const;
    const context = { now: () => new Date("2026-11-20T14:32:11Z"), randomBytes };
    expect(() => planMemos(project, [{ project: "infra" }], letter, context)).toThrow(
      "'refs' looks like a secret",
    );
  });

  test("one receiver whose inbox is broken keeps no other from getting theirs", async () => {
    const { shop, infra, directory } = shopAndInfra();
    mkdirSync(join(infra.root, "memos"));
    symlinkSync(join(directory, "elsewhere"), join(infra.root, "memos/incoming"));
    const refused = await shop.vibeops(
      "memo",
      "new",
      "Freeze",
      "--to",
      "infra",
      "--to",
      "shop",
      "--body",
      "x",
    );
    expect(refused.exit).toBe(4);
    expect(shop.list("memos/incoming")).toHaveLength(1);
    expect(shop.list("memos/outgoing")).toHaveLength(1);
  });

  test("text that the receiver would refuse is refused before anything is written", async () => {
    const { shop } = shopAndInfra();
    const refused = await shop.vibeops("memo", "new", "x", "--to", "infra", "--body", "\u001b[2J all clear");
    expect(refused.exit).toBe(4);
    expect(shop.list("memos")).toEqual([]);
  });

  test("the receiver's inbox being a link to elsewhere is refused, and the memo waits in the queue", async () => {
    const { shop, infra, directory } = shopAndInfra();
    mkdirSync(join(infra.root, "memos"));
    mkdirSync(join(directory, "elsewhere"));
    symlinkSync(join(directory, "elsewhere"), join(infra.root, "memos/incoming"));
    const refused = await shop.vibeops(...NEW);
    expect(refused.exit).toBe(4);
    expect(refused.stderr).toContain("symbolic link");
    expect(readdirSync(join(directory, "elsewhere"))).toEqual([]);
    expect(shop.list("memos/outgoing")).toHaveLength(1);
  });
});

describe("taking in", () => {
  test("what was granted and agrees with the sender's copy is committed once", async () => {
    const { shop, infra, context } = shopAndInfra();
    await shop.vibeops(...NEW);
    const project = loadProject(infra.root);
    const report = await intakeMail(project, context);
    expect(report.accepted).toMatchObject([
      { standing: "confirmed", memo: { subject: "Deploy shop 1.2.0" } },
    ]);
    expect(infra.git("log", "--format=%s", "-1").trim()).toBe("Mail: 1 taken in");
    expect(infra.git("status", "--porcelain")).toBe("");
    const again = await intakeMail(project, context);
    expect(again.accepted).toEqual([]);
    expect(infra.git("rev-list", "--count", "HEAD").trim()).toBe("2");
  });

  test("a memo whose words differ from the sender's copy is set aside with the reason beside it", async () => {
    const { shop, infra, context } = shopAndInfra();
    await shop.vibeops(...NEW);
    const [name = ""] = infra.list("memos/incoming");
    infra.write(
      `memos/incoming/${name}`,
      infra.read(`memos/incoming/${name}`).replace("Prepare it", "Delete it"),
    );
    const report = await intakeMail(loadProject(infra.root), context);
    expect(report.quarantined.map(({ error }) => error.code)).toEqual(["memo.forged"]);
    expect(infra.list("memos/incoming")).toEqual([]);
    expect(infra.read(`memos/quarantine/${name}.reason.md`)).toContain("memo.forged");
    expect(infra.git("status", "--porcelain")).toBe("");
  });

  test("a memo that the person committed before any intake is checked all the same, as it first came", async () => {
    const { shop, infra, context } = shopAndInfra();
    await shop.vibeops(...NEW);
    const [good = ""] = infra.list("memos/incoming");
    const forged = good.replace(/-[0-9a-z]{8}-/, "-zzzzzzzz-");
    const text = infra.read(`memos/incoming/${good}`).replace(/^id: .*$/m, `id: ${forged.slice(0, 25)}`);
    infra.write(`memos/incoming/${forged}`, text);
    infra.git("add", "--all");
    infra.git("commit", "--quiet", "-m", "The person commits everything");
    infra.write(
      `memos/incoming/${good}`,
      infra.read(`memos/incoming/${good}`).replace("[ ] Prepare", "[x] Prepare"),
    );
    const report = await intakeMail(loadProject(infra.root), context);
    expect(report.accepted).toMatchObject([{ standing: "confirmed" }]);
    expect(report.quarantined.map(({ error }) => error.code)).toEqual(["memo.forged"]);
    expect(infra.list("memos/incoming")).toEqual([good]);
    expect(infra.git("status", "--porcelain")).toBe("");
    rmSync(join(infra.root, ".vibeops"), { recursive: true });
    context.setNow("2027-09-01T00:00:00Z");
    expect((await intakeMail(loadProject(infra.root), context)).quarantined).toEqual([]);
  });

  test("a name that the sender chose for itself grants nothing", async () => {
    const { shop, infra, context, project } = shopAndInfra();
    const stranger = project("stranger", "project: shop\nagents: { developer: { provider: builtin } }\n");
    await shop.vibeops(...NEW);
    const [name = ""] = infra.list("memos/incoming");
    const forged = name.replace(/-[0-9a-z]{8}-/, "-zzzzzzzz-");
    const text = shop.read(`memos/sent/2026-11/${name}`).replace(/^id: .*$/m, `id: ${forged.slice(0, 25)}`);
    stranger.write(`memos/sent/2026-11/${forged}`, text);
    infra.write(`memos/incoming/${forged}`, text);
    const report = await intakeMail(loadProject(infra.root), context);
    expect(report.accepted).toHaveLength(1);
    expect(report.quarantined.map((item) => item.error.code)).toEqual(["memo.forged"]);
  });

  test("one bad memo among a hundred good ones hides none of them", async () => {
    const { infra, context } = shopAndInfra();
    const address = { project: "infra" };
    for (let i = 0; i < 100; i += 1) {
      const id = newId(context);
      const text = formatMemo({ id, from: address, to: address, subject: `Good ${i}`, body: "\nWords.\n" });
      infra.write(`memos/sent/2026-11/${memoFileName(id, `Good ${i}`)}`, text);
      infra.write(`memos/incoming/${memoFileName(id, `Good ${i}`)}`, text);
    }
    infra.write("memos/incoming/20261120T143211Z-aaaaaaaa-bad.md", "---js\n{}\n---\n");
    const report = await intakeMail(loadProject(infra.root), context);
    expect(report.accepted).toHaveLength(100);
    expect(report.quarantined).toHaveLength(1);
  });

  test("links, pipes, sockets and second hard links are set aside without being read", async () => {
    const { infra, context, directory, shop } = shopAndInfra();
    await shop.vibeops(...NEW);
    const [name = ""] = infra.list("memos/incoming");
    const inbox = join(infra.root, "memos/incoming");
    writeFileSync(join(directory, "secret"), "secret\n");
    symlinkSync(join(directory, "secret"), join(inbox, name.replace(/Z-.{8}-/, "Z-11111111-")));
    symlinkSync("/nonexistent", join(inbox, name.replace(/Z-.{8}-/, "Z-22222222-")));
    symlinkSync(name.replace(/Z-.{8}-/, "Z-33333333-"), join(inbox, name.replace(/Z-.{8}-/, "Z-33333333-")));
    const { execFileSync } = await import("node:child_process");
    execFileSync("mkfifo", [join(inbox, name.replace(/Z-.{8}-/, "Z-44444444-"))]);
    copyFileSync(join(inbox, name), join(directory, "outside.md"));
    linkSync(join(directory, "outside.md"), join(inbox, name.replace(/Z-.{8}-/, "Z-55555555-")));
    mkdirSync(join(inbox, name.replace(/Z-.{8}-/, "Z-66666666-")));
    const report = await intakeMail(loadProject(infra.root), context);
    expect(report.accepted).toHaveLength(1);
    expect(report.quarantined.map(({ error }) => error.code).sort()).toEqual([
      "file.hardlink",
      "file.symlink",
      "file.symlink",
      "file.symlink",
      "file.type",
      "file.type",
    ]);
    expect(infra.list("memos/incoming")).toEqual([name]);
    expect(infra.git("ls-files")).not.toContain("secret");
  });

  test("our own temporary that a killed delivery left is removed, and the memo is taken in", async () => {
    const { infra, context, shop } = shopAndInfra();
    await shop.vibeops(...NEW);
    const [name = ""] = infra.list("memos/incoming");
    const inbox = join(infra.root, "memos/incoming");
    linkSync(join(inbox, name), join(inbox, ".vibeops-0123456789abcdef.tmp"));
    expect((await intakeMail(loadProject(infra.root), context)).accepted).toHaveLength(1);
    expect(readdirSync(inbox)).toEqual([name]);
  });

  test("a note without front matter stays where it is until somebody adopts it", async () => {
    const { infra } = shopAndInfra();
    infra.write("memos/incoming/note.txt", "# Cache the images\n\n- they are large\n");
    expect((await infra.vibeops("session", "start")).exit).toBe(0);
    expect((await infra.vibeops("memo", "list")).stdout).toContain("note.txt");
    const adopted = await infra.vibeops("memo", "adopt", "memos/incoming/note.txt");
    expect(adopted.exit).toBe(0);
    const [name = ""] = infra.list("memos/incoming");
    expect(name).toMatch(/-cache-the-images\.md$/);
    expect(infra.read(`memos/incoming/${name}`)).toContain("# Cache the images\n\n- they are large\n");
    expect((await infra.vibeops("memo", "list")).stdout).toContain("Cache the images");
    expect((await infra.vibeops("memo", "list")).stdout).toContain("arrived; checked by");
    await infra.vibeops("session", "start");
    expect((await infra.vibeops("memo", "list")).stdout).not.toContain("arrived; checked by");
  });
});

describe("adopting a note", () => {
  test("from elsewhere leaves it where it lies, tracked or not, and says so", async () => {
    const { infra, directory } = shopAndInfra();
    const outside = join(directory, "idea.md");
    writeFileSync(outside, "# Cache the images\n");
    infra.write("README.md", "# Infra\n");
    infra.git("add", ".");
    infra.git("commit", "--quiet", "-m", "Readme");
    for (const file of [outside, "README.md"]) {
      const { exit, stdout } = await infra.vibeops("memo", "adopt", file);
      expect(exit).toBe(0);
      expect(stdout).toContain("the note itself stays where it is");
    }
    expect(infra.list("memos/incoming")).toHaveLength(2);
    expect(readFileSync(outside, "utf8")).toBe("# Cache the images\n");
    expect(infra.read("README.md")).toBe("# Infra\n");
    expect(infra.git("status", "--porcelain")).toBe("");
  });

  test("named by a way that leads over a link becomes a memo as any other", async () => {
    const { infra, directory } = shopAndInfra();
    infra.write("memos/incoming/note.md", "A note\n");
    symlinkSync(infra.root, join(directory, "link"));
    const adopted = await infra.vibeops("memo", "adopt", join(directory, "link/memos/incoming/note.md"));
    expect(adopted).toMatchObject({ exit: 0, stderr: "" });
    expect(infra.list("memos/incoming")).toEqual([expect.stringMatching(/-a-note[.]md$/)]);
    expect(infra.git("status", "--porcelain")).toBe("");
  });

  test("with a secret is refused before anything is committed", async () => {
    const { infra } = shopAndInfra();
    const token = ["ghp", "_", "Zx8Qw2Lm5Rt9Vb3Nk7Hj4Pd6Sf1Gc0Yaa1B2"].join("");
    infra.write("memos/incoming/note.txt", `# Look\n\nUse ${token}\n`);
    const before = infra.git("rev-parse", "HEAD");
    const { exit, stderr } = await infra.vibeops("memo", "adopt", "memos/incoming/note.txt");
    expect(exit).toBe(5);
    expect(stderr).toContain("line 3 of the note looks like a secret");
    expect(stderr).toContain("nothing was adopted");
    expect(infra.git("rev-parse", "HEAD")).toBe(before);
    expect(infra.list("memos/incoming")).toEqual(["note.txt"]);
  });
});

describe("delivering again", () => {
  test("the same bytes are a duplicate, also after the receiver ticked a box", async () => {
    const { shop, infra, context } = shopAndInfra();
    await shop.vibeops(...NEW);
    const [name = ""] = infra.list("memos/incoming");
    await intakeMail(loadProject(infra.root), context);
    await infra.vibeops("memo", "check", name.slice(17, 25), "1");
    shop.write(`memos/outgoing/${name}`, shop.read(`memos/sent/2026-11/${name}`));
    const started = await shop.vibeops("session", "start");
    expect(started.exit).toBe(0);
    expect(shop.list("memos/outgoing")).toEqual([]);
    expect(infra.list("memos/incoming")).toEqual([name]);
  });
});

describe("finishing", () => {
  test("open boxes keep a memo from being done; the error names them", async () => {
    const { shop, infra } = shopAndInfra();
    await shop.vibeops(...NEW);
    const id = infra.list("memos/incoming")[0]?.slice(17, 25) ?? "";
    const refused = await infra.vibeops("memo", "done", id);
    expect(refused.exit).toBe(4);
    expect(refused.stderr).toContain('"Prepare it"; "Write the runbook"');
    expect(infra.list("memos/incoming")).toHaveLength(1);
  });

  test("the command that ticks open boxes names them by number: a shell would obey a sender's words", async () => {
    const { infra } = shopAndInfra();
    const items = ["Done", "Do $(touch x)", "End"].flatMap((item) => ["--item", item]);
    await infra.vibeops("memo", "new", "Look", "--to", "sysadmin@infra", ...items);
    const id = infra.list("memos/incoming")[0]?.slice(0, 25) ?? "";
    await infra.vibeops("memo", "check", id, "1");
    const { stderr } = await infra.vibeops("memo", "done", id);
    expect(stderr).toContain(`vibeops memo check ${id} 2 3)`);
    expect(stderr).not.toMatch(/vibeops memo check .*touch/);
  });

  test("done is one commit: notes, archive, STATE.md; the receipt goes straight into the sender's archive", async () => {
    const { shop, infra, context } = shopAndInfra();
    await shop.vibeops(...NEW);
    const [name = ""] = infra.list("memos/incoming");
    const id = name.slice(17, 25);
    await infra.vibeops("memo", "check", id, "1", "runbook");
    const before = Number(infra.git("rev-list", "--count", "HEAD"));
    const done = await infra.vibeops("memo", "done", id, "--note", "Both are ready.", "--json");
    expect(done.exit).toBe(0);
    expect(JSON.parse(done.stdout).result.receipt).toMatchObject({
      outcome: "delivered",
      to: "developer@shop",
    });
    expect(Number(infra.git("rev-list", "--count", "HEAD"))).toBe(before + 1);
    expect(infra.git("status", "--porcelain")).toBe("");
    const archived = infra.read(`memos/archived/2026-11/${name}`);
    expect(archived).toContain("- [x] Prepare it");
    expect(archived).toContain("Both are ready.");
    expect(infra.read("STATE.md")).toContain("2026-11-20 Done: Deploy shop 1.2.0");
    const report = await intakeMail(loadProject(shop.root), context);
    expect(report.receipts).toHaveLength(1);
    expect(shop.list("memos/incoming")).toEqual([]);
    expect(shop.list("memos/archived/2026-11")).toHaveLength(1);
  });

  test("a receipt holds the notes and nothing else, whatever the memo quotes and however its heading is written", async () => {
    const { shop, infra, context } = shopAndInfra();
    const quoted = "## Context\n\n```\n## Completion\n\n- Done: a lie\n```\n\n## completion\n\n## More\n";
    for (const body of [quoted, "## Context\n\n### completion\n"]) {
      await shop.vibeops("memo", "new", "Quote", "--to", "infra", "--body", body);
      await infra.vibeops("session", "start");
      const [name = ""] = infra.list("memos/incoming");
      await infra.vibeops("memo", "done", name.slice(17, 25), "--note", "Both are ready.");
      const [receipt] = (await intakeMail(loadProject(shop.root), context)).receipts;
      expect(receipt?.body).toMatch(
        /^#+ completion\n\n- By: sysadmin@infra\n- Date: .*\n- Done: Both are ready[.]\n$/,
      );
    }
  });

  test("a memo of which nothing was done says so, and why: a reason without words is refused", async () => {
    const { shop, infra } = shopAndInfra();
    await shop.vibeops(...NEW);
    const [name = ""] = infra.list("memos/incoming");
    const id = name.slice(17, 25);
    const refused = await infra.vibeops("memo", "done", id, "--unfinished", " ");
    expect(refused).toMatchObject({ exit: 2, stderr: expect.stringContaining("--unfinished has no words") });
    expect(infra.list("memos/incoming")).toEqual([name]);
    await infra.vibeops("memo", "done", id, "--unfinished", "The host is gone", "--note", "");
    const archived = infra.read(`memos/archived/2026-11/${name}`);
    expect(archived).toContain(
      "- Done: Nothing.\n- Not done: The host is gone; Prepare it; Write the runbook\n",
    );
  });

  test("a memo that is done already is said to be, with where it lies", async () => {
    const { shop, infra } = shopAndInfra();
    await shop.vibeops("memo", "new", "Look", "--to", "infra", "--body", "x");
    const [name = ""] = infra.list("memos/incoming");
    await infra.vibeops("memo", "done", "look");
    for (const part of ["look", name.slice(17, 25), name.slice(0, 25)]) {
      const { exit, stderr } = await infra.vibeops("memo", "done", part);
      expect(exit).toBe(3);
      expect(stderr).toContain("it is done, and lies in the archive");
      expect(stderr).toContain(`at: memos/archived/2026-11/${name}`);
    }
    expect((await infra.vibeops("memo", "done", "nowhere")).stderr).toContain("see the pending ones");
  });

  test("ending a memo can be repeated after a kill at any point, and what the kill left is cleared", async () => {
    const { shop, infra, context } = shopAndInfra();
    await shop.vibeops("memo", "new", "Look", "--to", "infra", "--body", "first words");
    const [name = ""] = infra.list("memos/incoming");
    const original = infra.read(`memos/incoming/${name}`);
    await intakeMail(loadProject(infra.root), context);
    infra.write(
      `memos/archived/2026-11/${name}`,
      original.replace("## Completion", "## Completion\n\n- by: somebody who was killed"),
    );
    expect((await infra.vibeops("memo", "done", name)).exit).toBe(0);
    expect(infra.read(`memos/archived/2026-11/${name}`)).toContain("somebody who was killed");
    infra.write(`memos/incoming/${name}`, original);
    const report = await intakeMail(loadProject(infra.root), context);
    expect(report.quarantined).toEqual([]);
    expect(infra.list("memos/incoming")).toEqual([]);
    infra.write(`memos/incoming/${name}`, original.replace("first words", "other words"));
    expect(
      (await intakeMail(loadProject(infra.root), context)).quarantined.map(({ error }) => error.code),
    ).toEqual(["memo.already-archived"]);
  });

  test("unfinished needs a reason, which the notes keep beside what stayed open", async () => {
    const { shop, infra } = shopAndInfra();
    await shop.vibeops(...NEW);
    const [name = ""] = infra.list("memos/incoming");
    expect((await infra.vibeops("memo", "done", name, "--unfinished", "superseded")).exit).toBe(0);
    expect(infra.read(`memos/archived/2026-11/${name}`)).toMatch(/superseded.*Prepare it; Write the runbook/);
  });

  test("a person's unfinished edit of STATE.md stays uncommitted and whole", async () => {
    const { shop, infra } = shopAndInfra();
    infra.write(
      "STATE.md",
      "## Current status\n\nCalm.\n\n## Recent progress\n\n## Next actions\n\n## Handover notes\n",
    );
    infra.git("add", ".");
    infra.git("commit", "--quiet", "-m", "State");
    await shop.vibeops("memo", "new", "Look", "--to", "infra", "--body", "x");
    infra.write("STATE.md", infra.read("STATE.md").replace("Calm.", "Half a sen"));
    expect((await infra.vibeops("memo", "done", infra.list("memos/incoming")[0] ?? "")).exit).toBe(0);
    expect(infra.git("show", "HEAD:STATE.md")).toContain("Calm.");
    expect(infra.git("show", "HEAD:STATE.md")).toContain("Done: Look");
    expect(infra.read("STATE.md")).toContain("Half a sen");
    expect(infra.read("STATE.md")).toContain("Done: Look");
    expect(infra.git("diff", "--name-only").trim()).toBe("STATE.md");
  });
});

describe("replying", () => {
  test("a reply to a memo that they sent needs no grant", async () => {
    const space = workspace();
    const shop = space.project(
      "shop",
      "project: shop\nagents: { developer: { provider: builtin } }\npeers: { infra: { path: ../infra } }\n",
    );
    const infra = space.project(
      "infra",
      "project: infra\nagents: { sysadmin: { provider: builtin } }\npeers: { shop: { path: ../shop } }\naccepts: [{ from: shop }]\n",
    );
    await shop.vibeops("memo", "new", "Deploy", "--to", "infra", "--body", "x");
    expect((await infra.vibeops("memo", "new", "Hello", "--to", "shop", "--body", "x")).exit).toBe(5);
    const replied = await infra.vibeops(
      "memo",
      "reply",
      "deploy",
      "--body",
      "Which domain?",
      "--item",
      "Tell us",
    );
    expect(replied.exit).toBe(0);
    const report = await intakeMail(loadProject(shop.root), space.context);
    expect(report.accepted).toMatchObject([{ memo: { subject: "Re: Deploy" } }]);
    rmSync(join(shop.root, "memos"), { recursive: true });
  });
});

describe("a peer that is listed under another name than its own", () => {
  /** Infra calls shop's folder `webshop`. */
  function neighbours() {
    const space = shopAndInfra();
    const { infra } = space;
    infra.write(
      "vibeops.yaml",
      infra.read("vibeops.yaml").replaceAll(/\bshop:|from: shop/g, (one) => one.replace("shop", "webshop")),
    );
    infra.git("commit", "--quiet", "--all", "--message", "Webshop");
    return space;
  }

  test("gets replies to what it wrote, and the receipt", async () => {
    const { shop, infra } = neighbours();
    await shop.vibeops("memo", "new", "Look", "--to", "infra", "--body", "Words.");
    await infra.vibeops("session", "start");
    const [name = ""] = infra.list("memos/incoming").map((one) => one.slice(17, 25));
    expect(await infra.vibeops("memo", "reply", name, "--body", "Which?")).toMatchObject({ exit: 0 });
    const done = await infra.vibeops("memo", "done", name, "--json");
    expect(JSON.parse(done.stdout).result.receipt).toMatchObject({
      to: "developer@shop",
      outcome: "delivered",
    });
    await shop.vibeops("session", "start");
    expect(shop.list("memos/quarantine")).toEqual([]);
    expect(shop.list("memos/incoming")).toHaveLength(1);
    expect(shop.list("memos/archived/2026-11")).toHaveLength(1);
  });

  test("gets what waited because its folder could not be written", async () => {
    const { shop, infra } = neighbours();
    rmSync(join(shop.root, "memos"), { recursive: true, force: true });
    shop.write("memos", "in the way");
    await infra.vibeops("memo", "new", "Look", "--to", "webshop", "--type", "info", "--body", "Words.");
    expect(infra.list("memos/outgoing")).toHaveLength(1);
    rmSync(join(shop.root, "memos"));
    await infra.vibeops("session", "start");
    expect(infra.list("memos/outgoing")).toEqual([]);
    expect(shop.list("memos/incoming")).toHaveLength(1);
  });

  test("is not sent what was addressed to that other name while it was away: there it would be set aside", async () => {
    const { shop, infra } = neighbours();
    renameSync(shop.root, `${shop.root}-away`);
    await infra.vibeops("memo", "new", "Look", "--to", "webshop", "--type", "info", "--body", "Words.");
    renameSync(`${shop.root}-away`, shop.root);
    const { stdout } = await infra.vibeops("sync");
    expect(stdout.replaceAll(/\s+/g, " ")).toContain("that project calls itself 'shop'");
    expect(shop.list("memos/incoming")).toEqual([]);
  });

  test("keeps such a memo waiting, and doctor says the same as sync of it", async () => {
    const { shop, infra } = neighbours();
    renameSync(shop.root, `${shop.root}-away`);
    await infra.vibeops("memo", "new", "Look", "--to", "webshop", "--type", "info", "--body", "Words.");
    renameSync(`${shop.root}-away`, shop.root);
    const { result } = JSON.parse((await infra.vibeops("doctor", "--json")).stdout);
    const queued = result.checks.find(({ name }: { name: string }) => name === "memo.queued");
    const why = "it is addressed to 'webshop', and that project calls itself 'shop'";
    expect(queued.what).toBe(`it waits: ${why}`);
    expect(queued.fix).toContain("list the peer as 'shop'");
    const synced = (await infra.vibeops("sync")).stdout.replaceAll(/\s+/g, " ");
    expect(synced).toContain(`${why} fix: ${queued.fix}`);
  });

  test("is not written to under the name that it gave itself, where no memo of its is answered", async () => {
    const { infra } = neighbours();
    const { exit, stderr } = await infra.vibeops("memo", "new", "Look", "--to", "shop", "--body", "Words.");
    expect(exit).toBe(5);
    expect(stderr).toContain("infra has no peer 'shop'");
  });
});

describe("the longest memo", () => {
  test("ends with a short note, and a note that would make it unreadable is refused while nothing has changed", async () => {
    const { shop, infra } = shopAndInfra();
    const body = `${"word ".repeat(20)}\n`.repeat(2580);
    const sent = await shop.pipe(body, "memo", "new", "Long", "--to", "infra", "--body", "-");
    expect(sent).toMatchObject({ exit: 0 });
    await infra.vibeops("session", "start");
    const before = infra.git("rev-parse", "HEAD");
    const note = `${"note ".repeat(20)}\n`.repeat(100);
    const [id = ""] = infra.list("memos/incoming").map((one) => one.slice(0, 25));
    const refused = await infra.pipe(note, "memo", "done", id, "--note", "-", "--json");
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: "memo.size" } });
    expect(infra.git("rev-parse", "HEAD")).toBe(before);
    expect(infra.git("status", "--porcelain")).toBe("");
    expect(await infra.vibeops("memo", "done", id, "--note", "Read.")).toMatchObject({ exit: 0 });
    expect(await infra.vibeops("memo", "show", id)).toMatchObject({ exit: 0 });
  });
});

test("what comes on standard input and is not UTF-8 is refused, not sent as something else", async () => {
  const io = [Buffer.from("Gr\xfc\xdfe\n", "latin1")];
  await expect(readAll({ stdin: Readable.from(io) })).rejects.toMatchObject({
    code: "usage.encoding",
    exit: 2,
  });
});
