import { execFileSync } from "node:child_process";
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { VibeopsError } from "../../src/errors.ts";
import { memoFileName } from "../../src/memo/file-name.ts";
import { formatMemo } from "../../src/memo/format-memo.ts";
import { intakeMail } from "../../src/memo/intake.ts";
import { listQuarantine, setAside } from "../../src/memo/quarantine.ts";
import { newId } from "../../src/platform/ids.ts";
import { loadProject } from "../../src/project/project.ts";
import { shopAndInfra, type TestProject, type Workspace, workspace } from "../helpers/workspace.ts";

/** A memo as its sender would have delivered it: in the receiver's inbox, and in the folders that keep a copy. */
function deliver(
  space: Workspace,
  from: string,
  receiver: TestProject,
  keepers: readonly TestProject[],
): string {
  const id = newId(space.context);
  const name = memoFileName(id, "Look");
  const to = { project: "infra" };
  const text = formatMemo({
    id,
    from: { project: from },
    to,
    subject: "Look",
    type: "info",
    body: "\nWords.\n",
  });
  for (const keeper of keepers) keeper.write(`memos/sent/2026-11/${name}`, text);
  receiver.write(`memos/incoming/${name}`, text);
  return name;
}

/** `infra` with peers in this order; each value is the name that the peer gives itself. */
function infraWith(peers: Readonly<Record<string, string>>) {
  const space = workspace();
  const projects = Object.entries(peers).map(
    ([folder, name]) =>
      [
        folder,
        space.project(folder, `project: ${name}\nagents: { developer: { provider: builtin } }\n`),
      ] as const,
  );
  const names = Object.keys(peers);
  const infra = space.project(
    "infra",
    [
      "project: infra",
      "agents: { sysadmin: { provider: builtin } }",
      `peers: { ${names.map((name) => `${name}: { path: ../${name} }`).join(", ")} }`,
      `accepts: [${names.map((name) => `{ from: ${name} }`).join(", ")}]`,
      "",
    ].join("\n"),
  );
  const peer = Object.fromEntries(projects) as Readonly<Record<string, TestProject>>;
  const take = async () => await intakeMail(loadProject(infra.root), space.context);
  const need = (folder: string): TestProject => peer[folder] ?? infra;
  return { space, infra, need, take };
}

const codes = (items: readonly { error: { code: string } }[]) => items.map(({ error }) => error.code);

describe("whose memo it is", () => {
  test("a peer that gives itself another's name, and is listed first, keeps nobody from that other's mail", async () => {
    const { space, infra, need, take } = infraWith({ another: "shop", shop: "shop" });
    deliver(space, "shop", infra, [need("shop")]);
    const report = await take();
    expect(codes(report.quarantined)).toEqual([]);
    expect(report.accepted).toMatchObject([{ standing: "confirmed" }]);
  });

  test("and cannot speak under that name", async () => {
    const { space, infra, need, take } = infraWith({ another: "shop", shop: "shop" });
    deliver(space, "shop", infra, [need("another")]);
    const { accepted, quarantined } = await take();
    expect(accepted).toEqual([]);
    expect(codes(quarantined)).toEqual(["peer.ambiguous"]);
    expect(quarantined[0]?.error.message).toContain("another, shop");
  });

  test("nor where the peer that is listed under it calls itself something else", async () => {
    const { space, infra, need, take } = infraWith({ another: "shop", shop: "store" });
    deliver(space, "shop", infra, [need("another")]);
    expect(codes((await take()).quarantined)).toEqual(["peer.ambiguous"]);
  });

  test("of two with one name, neither listed under it, the copy decides; two copies decide nothing; none is a forgery", async () => {
    const { space, infra, need, take } = infraWith({ one: "shop", other: "shop" });
    deliver(space, "shop", infra, [need("other")]);
    expect((await take()).accepted).toMatchObject([{ standing: "confirmed" }]);
    deliver(space, "shop", infra, [need("one"), need("other")]);
    expect(codes((await take()).quarantined)).toEqual(["peer.ambiguous"]);
    deliver(space, "shop", infra, []);
    expect(codes((await take()).quarantined)).toEqual(["memo.forged"]);
  });

  test("one folder that is listed twice is one peer", async () => {
    const { space, infra, need, take } = infraWith({ shop: "shop" });
    infra.write(
      "vibeops.yaml",
      infra.read("vibeops.yaml").replace("peers: {", "peers: { twin: { path: ../shop },"),
    );
    infra.write(
      "vibeops.yaml",
      infra.read("vibeops.yaml").replace("accepts: [", "accepts: [{ from: twin },"),
    );
    deliver(space, "shop", infra, [need("shop")]);
    expect((await take()).accepted).toMatchObject([{ standing: "confirmed" }]);
  });

  test("a peer whose vibeops.yaml is broken makes its own mail unconfirmed, is named, and is nobody else's fault", async () => {
    const { space, infra, need, take } = infraWith({ broken: "broken", shop: "shop" });
    need("broken").write("vibeops.yaml", "project: [\n");
    deliver(space, "shop", infra, [need("shop")]);
    deliver(space, "broken", infra, [need("broken")]);
    const report = await take();
    expect(codes(report.quarantined)).toEqual([]);
    expect(
      Object.fromEntries(report.accepted.map(({ memo, standing }) => [memo.from.project, standing])),
    ).toEqual({
      shop: "confirmed",
      broken: "unconfirmed",
    });
    expect(report.brokenPeers).toMatchObject([{ peer: "broken", error: { code: "yaml.syntax" } }]);
  });
});

describe("a fault in our own folders is no memo's fault", () => {
  test.each(["memos/archived", "memos/sent", "memos/outgoing", "memos/quarantine", "memos/archived/2026-11"])(
    "%s being a link: one error that names it, nothing moved",
    async (folder) => {
      const { shop, infra, context, directory } = shopAndInfra();
      await shop.vibeops("memo", "new", "Look", "--to", "infra", "--body", "x");
      const before = infra.list("memos/incoming");
      mkdirSync(join(directory, "elsewhere"));
      mkdirSync(join(infra.root, folder, ".."), { recursive: true });
      symlinkSync(join(directory, "elsewhere"), join(infra.root, folder));
      await expect(intakeMail(loadProject(infra.root), context)).rejects.toMatchObject({
        code: "file.symlink",
        file: join(infra.root, folder),
      });
      expect(infra.list("memos/incoming")).toEqual(before);
      expect(readdirSync(join(directory, "elsewhere"))).toEqual([]);
      const started = await infra.vibeops("session", "start");
      expect(started.stdout + started.stderr).toContain("symbolic link");
    },
  );

  test("a finished memo of ours that is no regular file leaves the new one where it is, with the reason", async () => {
    const { shop, infra, context } = shopAndInfra();
    await shop.vibeops("memo", "new", "Look", "--to", "infra", "--body", "x");
    const [name = ""] = infra.list("memos/incoming");
    mkdirSync(join(infra.root, "memos/archived/2026-11"), { recursive: true });
    symlinkSync("/etc/passwd", join(infra.root, "memos/archived/2026-11", name));
    const report = await intakeMail(loadProject(infra.root), context);
    expect(report.quarantined).toEqual([]);
    expect(report.left).toMatchObject([{ name, error: { code: "file.symlink" } }]);
    expect(infra.list("memos/incoming")).toEqual([name]);
  });
});

/** Runs `act` as a user who may not read everything, as root may; the folder is then theirs. */
async function asOrdinaryUser<T>(folder: string, act: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return await act();
  const nobody = 65534;
  execFileSync("chown", ["-R", `${nobody}:${nobody}`, folder]);
  process.setegid?.(nobody);
  process.seteuid?.(nobody);
  try {
    return await act();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}

describe("a file that may not be read", () => {
  test("stays where it is, is listed with its reason, and blocks no other", async () => {
    const { shop, infra, context, directory } = shopAndInfra();
    await shop.vibeops("memo", "new", "Readable", "--to", "infra", "--body", "x");
    const [readable = ""] = infra.list("memos/incoming");
    const closed = readable.replace(/Z-.{8}-/, "Z-11111111-");
    infra.write(`memos/incoming/${closed}`, "whatever\n");
    chmodSync(join(infra.root, "memos/incoming", closed), 0o000);
    await asOrdinaryUser(directory, async () => {
      const report = await intakeMail(loadProject(infra.root), context);
      expect(report.accepted).toMatchObject([{ memo: { subject: "Readable" } }]);
      expect(report.quarantined).toEqual([]);
      expect(report.left).toMatchObject([{ name: closed, error: { code: "file.unreadable" } }]);
      expect(infra.list("memos/incoming")).toContain(closed);
      const list = await infra.vibeops("memo", "list");
      expect(list).toMatchObject({ exit: 0 });
      expect(list.stdout).toContain("Readable");
      expect(list.stdout).toMatch(new RegExp(`${closed}.*cannot be read from here \\(EACCES\\)`));
      const started = await infra.vibeops("session", "start");
      expect(started.stdout).toContain("left in memos/incoming");
    });
  });

  test("is no new one when it can be read again: what a person ticked in it stays theirs to commit", async () => {
    const { shop, infra, context, directory } = shopAndInfra();
    await shop.vibeops("memo", "new", "Look", "--to", "infra", "--item", "First");
    await intakeMail(loadProject(infra.root), context);
    const [name = ""] = infra.list("memos/incoming");
    const path = join(infra.root, "memos/incoming", name);
    const taken = infra.git("rev-parse", "HEAD");
    await asOrdinaryUser(directory, async () => {
      chmodSync(path, 0o000);
      const unread = await intakeMail(loadProject(infra.root), context);
      expect(unread.left).toMatchObject([{ name, error: { code: "file.unreadable" } }]);
      chmodSync(path, 0o644);
      infra.write(`memos/incoming/${name}`, infra.read(`memos/incoming/${name}`).replace("[ ]", "[x]"));
      const report = await intakeMail(loadProject(infra.root), context);
      expect(report).toMatchObject({ accepted: [], changed: false, pending: [{ name }] });
      expect(infra.git("rev-parse", "HEAD")).toBe(taken);
    });
  });

  test("so does one that can no longer be read when it is to be set aside: nobody could say whether to commit it", async () => {
    const { infra, context, directory } = shopAndInfra();
    infra.write("memos/incoming/bad.md", "---\nnot: a memo\n---\n");
    const path = join(infra.root, "memos/incoming/bad.md");
    const error = new VibeopsError({ code: "memo.key", exit: 4, message: "no memo", file: path });
    chmodSync(path, 0o000);
    await asOrdinaryUser(directory, async () => {
      const options = { now: context.now(), committed: new Set<string>() };
      const done = setAside(loadProject(infra.root), [{ path, name: "bad.md", error }], options, () => {});
      expect(done).toMatchObject({
        quarantined: [],
        files: [],
        left: [{ error: { code: "file.unreadable" } }],
      });
      expect(infra.list("memos/incoming")).toEqual(["bad.md"]);
      expect(infra.list("memos/quarantine")).toEqual([]);
    });
  });

  test("a folder of ours that may not be read is one error that names it", async () => {
    const { infra, context, directory } = shopAndInfra();
    mkdirSync(join(infra.root, "memos/incoming"), { recursive: true });
    mkdirSync(join(infra.root, "memos/sent"), { mode: 0o000 });
    await asOrdinaryUser(directory, async () => {
      await expect(intakeMail(loadProject(infra.root), context)).rejects.toMatchObject({
        code: "file.unreadable",
        file: join(infra.root, "memos/sent"),
      });
    });
    chmodSync(join(infra.root, "memos/sent"), 0o755);
  });

  test("a sender's copy that may not be read makes the memo unconfirmed", async () => {
    const { shop, infra, context, directory } = shopAndInfra();
    await shop.vibeops("memo", "new", "Look", "--to", "infra", "--body", "x");
    const [name = ""] = infra.list("memos/incoming");
    chmodSync(join(shop.root, "memos/sent/2026-11", name), 0o000);
    await asOrdinaryUser(directory, async () => {
      const report = await intakeMail(loadProject(infra.root), context);
      expect(report.accepted).toMatchObject([{ standing: "unconfirmed" }]);
    });
  });
});

describe("what is set aside", () => {
  test("has its reason committed; links and large files stay on this machine, ignored by git, and the reason says so", async () => {
    const { infra, context } = shopAndInfra();
    infra.write("memos/incoming/large.md", `---\n${"x".repeat(300_000)}`);
    infra.write("memos/incoming/small.md", "---js\n{}\n---\n");
    symlinkSync("/etc/passwd", join(infra.root, "memos/incoming/link.md"));
    mkdirSync(join(infra.root, "memos/incoming/folder.md"));
    writeFileSync(join(infra.root, "memos/incoming/folder.md/inside"), "x");
    const report = await intakeMail(loadProject(infra.root), context);
    expect(report.quarantined).toHaveLength(4);
    expect(infra.git("status", "--porcelain")).toBe("");
    infra.git("add", "--all");
    expect(infra.git("ls-files", "memos").trim().split("\n")).toEqual([
      "memos/quarantine/.gitignore",
      "memos/quarantine/folder.md.reason.md",
      "memos/quarantine/large.md.reason.md",
      "memos/quarantine/link.md.reason.md",
      "memos/quarantine/small.md",
      "memos/quarantine/small.md.reason.md",
    ]);
    expect(infra.read("memos/quarantine/link.md.reason.md")).toContain("kept: on this machine only");
    expect(infra.read("memos/quarantine/small.md.reason.md")).not.toContain("kept:");
  });

  test("because a clock is far ahead names both times, and comes in where it is put back and the clock is right", async () => {
    const { shop, infra, context } = shopAndInfra();
    context.setNow("2026-11-25T08:00:00Z");
    await shop.vibeops("memo", "new", "Look", "--to", "infra", "--type", "info", "--body", "Words.");
    context.setNow("2026-11-20T14:32:11Z");
    await infra.vibeops("session", "start");
    const [name = ""] = infra.list("memos/quarantine");
    const reason = infra.read(`memos/quarantine/${name}.reason.md`);
    expect(reason).toContain("it says 2026-11-25T08:00:00Z, the clock here says 2026-11-20T14:32:11Z");
    expect(reason).toContain("the clocks of the two machines differ");
    context.setNow("2026-11-25T09:00:00Z");
    renameSync(join(infra.root, "memos/quarantine", name), join(infra.root, "memos/incoming", name));
    await infra.vibeops("session", "start");
    expect(infra.list("memos/incoming")).toEqual([name]);
    expect(infra.list("memos/quarantine")).toEqual([]);
    expect(infra.git("status", "--porcelain")).toBe("");
  });

  test("and was put back and is refused again says why it is now", async () => {
    const { infra, context } = shopAndInfra();
    const take = async () => await intakeMail(loadProject(infra.root), context);
    infra.write("memos/incoming/a.md", "---js\n{}\n---\n");
    await take();
    expect(infra.read("memos/quarantine/a.md.reason.md")).toContain("memo.fm-language");
    rmSync(join(infra.root, "memos/quarantine/a.md"));
    infra.write("memos/incoming/a.md", "---\nid: x\n---\n");
    await take();
    expect(infra.read("memos/quarantine/a.md.reason.md")).toContain("memo.missing-key");
    expect(infra.git("status", "--porcelain")).toBe("");
    // What stays on this machine may not take a name that is in the history.
    rmSync(join(infra.root, "memos/quarantine/a.md"));
    symlinkSync("/etc/passwd", join(infra.root, "memos/incoming/a.md"));
    await take();
    const [link = "", reason = "", ...others] = infra.list("memos/quarantine").slice(1);
    expect(link).toMatch(/-a\.md$/);
    expect({ reason, others }).toEqual({ reason: `${link}.reason.md`, others: [] });
    expect(infra.git("status", "--porcelain")).toBe("");
  });

  test("a thousand bad files are one commit", async () => {
    const { infra, context } = shopAndInfra();
    for (let i = 0; i < 1000; i += 1) infra.write(`memos/incoming/bad-${i}.md`, "---js\n{}\n---\n");
    const report = await intakeMail(loadProject(infra.root), context);
    expect(report.quarantined).toHaveLength(1000);
    expect(infra.git("log", "--format=%s", "-1").trim()).toBe("Mail: 1000 set aside");
    expect(infra.git("rev-list", "--count", "HEAD").trim()).toBe("2");
    expect(infra.git("status", "--porcelain")).toBe("");
    expect(infra.list("memos/incoming")).toEqual([]);
  });
});

describe("an intake that a kill interrupted is finished by the next one", () => {
  test("cut off while it set something aside: one file, its reason, and both in a commit", async () => {
    const { infra, context } = shopAndInfra();
    infra.write("memos/incoming/bad.md", "---\nnot: a memo\n---\n");
    infra.write("memos/quarantine/before.md", "---\nnot: a memo either\n---\n");
    infra.write("memos/quarantine/before.md.reason.md", "# Set aside: before.md\n");
    linkSync(join(infra.root, "memos/incoming/bad.md"), join(infra.root, "memos/quarantine/bad.md"));
    const report = await intakeMail(loadProject(infra.root), context);
    expect(report.quarantined).toHaveLength(1);
    expect(infra.list("memos/incoming")).toEqual([]);
    const files = ["bad.md", "bad.md.reason.md", "before.md", "before.md.reason.md"];
    expect(infra.list("memos/quarantine")).toEqual(files);
    expect(infra.git("ls-tree", "--name-only", "HEAD:memos/quarantine").trim().split("\n")).toEqual(files);
    expect(infra.git("status", "--porcelain")).toBe("");
  });

  test("cut off before it committed a receipt: filed once, in a commit", async () => {
    const { shop, infra, context } = shopAndInfra();
    await shop.vibeops("memo", "new", "Look", "--to", "infra", "--body", "x");
    const [memo = ""] = infra.list("memos/incoming");
    await infra.vibeops("memo", "done", memo, "--note", "Looked.");
    const [receipt = ""] = shop.list("memos/incoming");
    shop.write(`memos/archived/2026-11/${receipt}`, shop.read(`memos/incoming/${receipt}`));
    const report = await intakeMail(loadProject(shop.root), context);
    expect(report.receipts).toHaveLength(1);
    expect(shop.list("memos/incoming")).toEqual([]);
    expect(shop.git("status", "--porcelain")).toBe("");
    expect(shop.git("ls-files", "memos/archived").trim()).toBe(`memos/archived/2026-11/${receipt}`);
  });

  test("a memo whose ending was cut off before its commit stays pending, also where nobody remembers that it was taken in", async () => {
    const { shop, infra, context } = shopAndInfra();
    await shop.vibeops("memo", "new", "Look", "--to", "infra", "--body", "x");
    await intakeMail(loadProject(infra.root), context);
    const [name = ""] = infra.list("memos/incoming");
    infra.write(`memos/archived/2026-11/${name}`, infra.read(`memos/incoming/${name}`));
    rmSync(join(infra.root, ".vibeops"), { recursive: true });
    await intakeMail(loadProject(infra.root), context);
    expect(infra.list("memos/incoming")).toEqual([name]);
    expect((await infra.vibeops("memo", "done", name)).exit).toBe(0);
    expect(infra.list("memos/incoming")).toEqual([]);
    expect(shop.list("memos/incoming")).toHaveLength(1);
  });
});

describe("a secret in what others sent", () => {
  test("is set aside, named without being shown, and goes into no commit", async () => {
    const { space, infra, need, take } = infraWith({ shop: "shop" });
    const name = deliver(space, "shop", infra, []);
    const token = ["ghp", "_", "Zx8Qw2Lm5Rt9Vb3Nk7Hj4Pd6Sf1Gc0Yaa1B2"].join("");
    const text = infra.read(`memos/incoming/${name}`).replace("Words.", `Use ${token}`);
    for (const [desk, path] of [
      [infra, `memos/incoming/${name}`],
      [need("shop"), `memos/sent/2026-11/${name}`],
    ] as const)
      desk.write(path, text);
    expect(codes((await take()).quarantined)).toEqual(["memo.secret"]);
    const reason = infra.read(`memos/quarantine/${name}.reason.md`);
    expect(reason).toContain("kept: on this machine only");
    expect(reason).not.toContain(token);
    infra.git("add", "--all");
    expect(infra.git("ls-files", "memos").trim().split("\n")).toEqual([
      "memos/quarantine/.gitignore",
      `memos/quarantine/${name}.reason.md`,
    ]);
  });
});

describe("ending a memo that a kill interrupted", () => {
  test("leaves one line in STATE.md, in the working copy, the index and HEAD", async () => {
    const { shop, infra } = shopAndInfra();
    await shop.vibeops("memo", "new", "Look", "--to", "infra", "--body", "x");
    infra.write("STATE.md", "## Recent progress\n\n- 2026-11-19 Something else\n");
    infra.git("add", ".");
    infra.git("commit", "--quiet", "-m", "State");
    const [name = ""] = infra.list("memos/incoming");
    const original = infra.read(`memos/incoming/${name}`);
    const before = infra.git("rev-parse", "HEAD").trim();
    expect((await infra.vibeops("memo", "done", name)).exit).toBe(0);
    // What a kill before the commit leaves: everything on disk and in the index, nothing in HEAD.
    infra.git("update-ref", "HEAD", before);
    infra.write(`memos/incoming/${name}`, original);
    rmSync(join(infra.root, "memos/outgoing"), { recursive: true, force: true });
    expect((await infra.vibeops("memo", "done", name)).exit).toBe(0);
    const lines = (text: string) => text.match(/Done: Look/g)?.length;
    expect(lines(infra.read("STATE.md"))).toBe(1);
    expect(lines(infra.git("show", ":STATE.md"))).toBe(1);
    expect(lines(infra.git("show", "HEAD:STATE.md"))).toBe(1);
  });
});

describe("where no branch is checked out", () => {
  test("mail waits in the inbox, and giving up the rebase loses none of it", async () => {
    const { space, infra, need, take } = infraWith({ shop: "shop" });
    const change = (branch: string, text: string) => {
      infra.write("notes.txt", text);
      infra.git("add", ".");
      infra.git("commit", "--quiet", "-m", branch);
    };
    change("start", "start\n");
    infra.git("switch", "--quiet", "-c", "feature");
    change("feature", "feature\n");
    infra.git("switch", "--quiet", "main");
    change("main", "main\n");
    infra.git("switch", "--quiet", "feature");
    expect(() => infra.git("rebase", "--quiet", "main")).toThrow();
    const name = deliver(space, "shop", infra, [need("shop")]);
    await expect(take()).rejects.toMatchObject({ code: "git.detached", exit: 7 });
    infra.git("rebase", "--abort");
    expect(infra.list("memos/incoming")).toEqual([name]);
    expect((await take()).accepted).toHaveLength(1);
    expect(infra.git("status", "--porcelain")).toBe("");
  });

  test("a session says so, and what was taken in before is read as ever", async () => {
    const { space, infra, need, take } = infraWith({ shop: "shop" });
    const name = deliver(space, "shop", infra, [need("shop")]);
    await take();
    infra.git("switch", "--quiet", "--detach");
    expect((await take()).pending).toHaveLength(1);
    deliver(space, "shop", infra, [need("shop")]);
    const { stdout, exit } = await infra.vibeops("session", "start");
    expect(exit).toBe(0);
    expect(stdout).toContain("no branch is checked out");
    expect(infra.list("memos/incoming")).toContain(name);
  });
});

describe("in a sparse checkout that leaves out what is finished and what was sent", () => {
  const LEAVE_OUT = ["sparse-checkout", "set", "--no-cone", "/*", "!memos/archived", "!memos/sent"];

  test("a memo that comes again is no new one, and leaves as it came", async () => {
    const { shop, infra } = shopAndInfra();
    await shop.vibeops("memo", "new", "Look", "--to", "infra", "--type", "info", "--body", "Words.");
    await infra.vibeops("session", "start");
    const [name = ""] = infra.list("memos/incoming");
    const text = infra.read(`memos/incoming/${name}`);
    await infra.vibeops("memo", "done", "look", "--note", "Seen.");
    infra.git("status");
    infra.git(...LEAVE_OUT);
    expect(infra.list("memos/archived")).toEqual([]);
    infra.write(`memos/incoming/${name}`, text);
    const before = infra.git("rev-parse", "HEAD");
    await infra.vibeops("session", "start");
    expect(infra.list("memos/incoming")).toEqual([]);
    expect(infra.git("rev-parse", "HEAD")).toBe(before);
    expect(infra.git("status", "--porcelain")).toBe("");
    infra.write(`memos/incoming/${name}`, text.replace("Words.", "Other words."));
    await infra.vibeops("session", "start");
    expect(infra.read(`memos/quarantine/${name}.reason.md`)).toContain("memo.already-archived");
  });

  test("an answer to what was sent needs no grant of its own", async () => {
    const { shop, infra } = shopAndInfra();
    shop.write("vibeops.yaml", shop.read("vibeops.yaml").replace(/accepts:.*/, "accepts: []"));
    await shop.vibeops("memo", "new", "Look", "--to", "infra", "--type", "info", "--body", "Words.");
    await infra.vibeops("session", "start");
    await infra.vibeops("memo", "done", "look", "--note", "Seen.");
    shop.git("status");
    shop.git(...LEAVE_OUT);
    expect(shop.list("memos/sent")).toEqual([]);
    await shop.vibeops("session", "start");
    expect(shop.list("memos/quarantine")).toEqual([]);
    expect(shop.git("log", "--format=%s", "-1").trim()).toBe("Mail: 1 receipt filed");
  });

  test("of the sender's, nobody calls a memo forged of which the copy is only left out", async () => {
    const { shop, infra } = shopAndInfra();
    await shop.vibeops("memo", "new", "Look", "--to", "infra", "--type", "info", "--body", "Words.");
    shop.git("status");
    shop.git(...LEAVE_OUT);
    expect(shop.list("memos/sent")).toEqual([]);
    await infra.vibeops("session", "start");
    expect(infra.list("memos/incoming")).toHaveLength(1);
    expect(infra.git("log", "--format=%b", "-1")).toContain("(unconfirmed)");
    shop.git("sparse-checkout", "disable");
    await shop.vibeops("memo", "new", "Forged", "--to", "infra", "--type", "info", "--body", "Words.");
    rmSync(join(shop.root, "memos/sent"), { recursive: true });
    await infra.vibeops("session", "start");
    expect(infra.list("memos/quarantine")).toContainEqual(expect.stringMatching(/-forged\.md$/));
  });
});

describe("a file that is named as the reason of another one", () => {
  test.each(["x.md.reason.md", "X.REASON.md"])("%s: is set aside where everybody sees it", async (name) => {
    const { infra } = infraWith({ shop: "shop" });
    infra.write(`memos/incoming/${name}`, "---\nno memo\n");
    infra.write("memos/incoming/x.md", "---\nno memo\n");
    await infra.vibeops("session", "start");
    expect(listQuarantine({ root: infra.root })).toEqual(["x.md", `${name}_`].sort());
    expect(infra.read("memos/quarantine/x.md.reason.md")).toContain("Set aside: x.md\n");
    expect(infra.read(`memos/quarantine/${name}_.reason.md`)).toContain(`Set aside: ${name}\n`);
    expect(infra.git("status", "--porcelain")).toBe("");
  });
});

describe("a file whose name is not UTF-8", () => {
  test("is named with how to mend it, by list, session and doctor, and blocks no other", async () => {
    const { space, infra, need } = infraWith({ shop: "shop" });
    deliver(space, "shop", infra, [need("shop")]);
    const name = Buffer.concat([
      Buffer.from(`${infra.root}/memos/incoming/n`),
      Buffer.from([0xff]),
      Buffer.from(".md"),
    ]);
    writeFileSync(name, "a note\n");
    for (const argv of [["memo", "list"], ["session", "start"], ["doctor"]]) {
      const { stdout, stderr } = await infra.vibeops(...argv);
      expect(`${stdout}${stderr}`.replaceAll(/\s+/g, " ")).toContain("name of this file is not UTF-8");
    }
    const { memos, total } = JSON.parse((await infra.vibeops("memo", "list", "--json")).stdout).result;
    expect({ total, memos }).toMatchObject({ total: 1, memos: [{ checked: true }] });
  });
});
