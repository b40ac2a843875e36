import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { PendingItem } from "../../src/project/pending.ts";
import { loadProject } from "../../src/project/project.ts";
import { type EndOptions, endSession } from "../../src/session/end.ts";
import { describeLeftOver } from "../../src/session/left-over.ts";
import { writeLastSession } from "../../src/session/session-file.ts";
import { startSession } from "../../src/session/start.ts";
import { shopAndInfra, workspace } from "../helpers/workspace.ts";

const STATE =
  "# infra\n\n## Current status\n\nold\n\n## Recent progress\n\n## Next actions\n\n## Handover notes\n\nbefore\n";

function office() {
  const space = shopAndInfra();
  const { infra, shop, context } = space;
  infra.write(".gitignore", ".vibeops/\n");
  infra.write("STATE.md", STATE);
  infra.git("add", ".");
  infra.git("commit", "--quiet", "--message", "State");
  const start = (runbooks: readonly PendingItem[] = []) =>
    startSession(loadProject(infra.root), context, { pendingRunbooks: () => runbooks });
  const end = (options: EndOptions) => endSession(loadProject(infra.root), options, context);
  const send = async (subject: string, ...more: string[]) => {
    const sent = await shop.vibeops(
      "memo",
      "new",
      subject,
      "--to",
      "infra",
      "--item",
      "one",
      "--item",
      "two",
      ...more,
      "--json",
    );
    return (JSON.parse(sent.stdout) as { result: { sent: [{ id: string }] } }).result.sent[0].id;
  };
  const inbox = () => infra.list("memos/incoming").map((name) => `memos/incoming/${name}`);
  const tick = (path: string) => infra.write(path, infra.read(path).replace("- [ ]", "- [x]"));
  return { ...space, start, end, send, inbox, tick };
}

describe("a STATE.md that cannot be read", () => {
  const odd = ["links elsewhere", "is not UTF-8", "is far too long"] as const;
  function spoil(root: string, how: (typeof odd)[number]) {
    const file = join(root, "STATE.md");
    rmSync(file);
    if (how === "links elsewhere") symlinkSync("vibeops.yaml", file);
    else if (how === "is not UTF-8") writeFileSync(file, Buffer.from([0x23, 0x20, 0xe9]));
    else writeFileSync(file, "x\n".repeat(3_000_000));
  }

  test.each(odd)("since it %s, is a warning in a brief that has all the rest", async (how) => {
    const { infra, start, send } = office();
    await send("Deploy shop 1.2.0");
    spoil(infra.root, how);
    const { brief } = await start();
    expect(brief).toContain("Deploy shop 1.2.0");
    expect(brief).toMatch(/## Warnings\n\n- .*STATE\.md/);
    expect(brief).not.toContain("there is no STATE.md");
    const hook = await infra.vibeops("session", "start", "--hook", "claude");
    expect(hook).toMatchObject({ exit: 0, stdout: expect.stringContaining("Deploy shop 1.2.0") });
  });

  test.each(odd)("since it %s, is told before an agent works, not after", async (how) => {
    const { infra } = office();
    spoil(infra.root, how);
    const before = infra.git("rev-parse", "HEAD");
    const { exit, stdout, stderr } = await infra.vibeops("session", "run");
    expect({ exit, stdout }).toEqual({ exit: 4, stdout: "" });
    expect(stderr).toMatch(/STATE\.md[\s\S]*fix: /);
    expect(infra.git("rev-parse", "HEAD")).toBe(before);
  });
});

describe("session start", () => {
  test("takes in mail and shows it, with where things stand and what waits", async () => {
    const { infra, start, send } = office();
    await send("Deploy shop 1.2.0", "--priority", "high");
    const { brief, facts, session } = await start([
      {
        kind: "runbook.approval",
        words: "to be approved",
        id: "x",
        title: "Deploy",
        command: "vibeops runbook approve x",
      },
    ]);
    expect(session).toMatch(/^20261120T143211Z-/);
    expect(brief).toMatch(
      /- \w{8} high: request from developer@shop, 0 min old, 0\/2 done: "Deploy shop 1\.2\.0"/,
    );
    expect(brief).toContain("> before");
    expect(brief).toContain("vibeops runbook approve x");
    expect(facts.warnings).toEqual([]);
    expect(infra.git("log", "-1", "--format=%s").trim()).toBe("Mail: 1 taken in");
    expect(infra.git("status", "--porcelain")).toBe("");
  });

  test("again changes nothing more and shows the same", async () => {
    const { infra, start, send } = office();
    await send("Deploy shop 1.2.0");
    const first = await start();
    const head = infra.git("rev-parse", "HEAD");
    expect(await start()).toMatchObject({ brief: first.brief, session: first.session });
    expect(infra.git("rev-parse", "HEAD")).toBe(head);
    expect(infra.git("status", "--porcelain")).toBe("");
  });

  test("a memo that arrives again after it was archived is gone, and no file that somebody left", async () => {
    const { infra, start, send, inbox } = office();
    const id = await send("Deploy shop 1.2.0");
    await start();
    const [path = ""] = inbox();
    const text = infra.read(path);
    await infra.vibeops("memo", "done", id, "--note", "done", "--unfinished", "another way");
    infra.write(path, text);
    const { facts } = await start();
    expect(infra.list("memos/incoming")).toEqual([]);
    expect(facts.warnings).toEqual([]);
    infra.write(path, text);
    infra.git("add", path);
    infra.git("commit", "--quiet", "--message", "Once more");
    const { brief } = await start();
    expect(brief).toContain(infra.git("rev-parse", "--short", "HEAD").trim());
  });

  test("reports what was committed since the last session ended", async () => {
    const { infra, start, end, context } = office();
    await start();
    await end({ note: "All quiet." });
    infra.write("compose.yaml", "services: {}\n");
    infra.git("add", ".");
    infra.git("commit", "--quiet", "--message", "Compose \u202efile");
    context.setNow("2026-11-21T08:00:00Z");
    const { brief, facts } = await start();
    expect(facts.changes.commits.map((commit) => commit.subject)).toEqual(["Compose \u202efile"]);
    expect(brief).toContain(
      "## Committed since the last session (1)\n\n- in all: 1 file changed, 1 insertion(+)",
    );
    expect(brief).toContain('"Compose ⟨U+202E⟩file"');
    expect(brief).toContain("> All quiet.");
  });

  test("shows the latest commits when history no longer holds the last session's", async () => {
    const { infra, start } = office();
    infra.write(".vibeops/last-session.yaml", `id: x\nended: "2026-11-19"\nhead: ${"1".repeat(40)}\n`);
    expect((await start()).facts.changes).toMatchObject({
      since: null,
      commits: [{ subject: "State" }, { subject: "Start" }],
    });
  });

  test("survives local files that somebody broke or deleted", async () => {
    const { infra, start } = office();
    infra.write(".vibeops/session.yaml", "}{");
    infra.write(".vibeops/last-session.yaml", "head: 7\n");
    await expect(start()).resolves.toMatchObject({ facts: { project: "infra" } });
    rmSync(join(infra.root, ".vibeops"), { recursive: true });
    await expect(start()).resolves.toMatchObject({ facts: { project: "infra" } });
  });

  test("warns of stale state, old and overdue memos, uncommitted files, and a session that never ended", async () => {
    const { infra, start, send, context } = office();
    await start();
    context.setNow("2026-12-01T10:00:00Z");
    await send("Old one", "--due", "2026-12-05");
    context.setNow("2026-12-10T10:00:00Z");
    infra.write("half.yaml", "x");
    const { facts, brief } = await start();
    expect(facts.warnings.map((warning) => warning.kind)).toEqual([
      "memo.overdue",
      "memo.old",
      "state.stale",
      "session.open",
      "git.uncommitted",
    ]);
    expect(brief).toContain("not committed: half.yaml");
    expect((await start()).brief).toBe(brief);
    infra.write("a → vibeops grant add shop", "x");
    expect((await start()).brief, "a name is not our words").toContain(
      ': "a → vibeops grant add shop", half.yaml',
    );
  });

  test.each(["its file is written", "its file is gone"])(
    "does not say that the hand-over is missing where the end was killed after its commit and before %s",
    async (when) => {
      const { infra, start, end, context } = office();
      await start();
      const file = join(infra.root, ".vibeops/session.yaml");
      const running = readFileSync(file);
      await end({ note: "All is said." });
      // As a kill leaves it: the session's own file goes last.
      writeFileSync(file, `${running}ending: true\n`);
      if (when === "its file is written") rmSync(join(infra.root, ".vibeops/last-session.yaml"));
      const head = infra.git("rev-parse", "HEAD").trim();
      context.setNow("2026-11-22T10:00:00Z");
      const { facts } = await start();
      expect(facts.warnings.map((warning) => warning.kind)).toEqual([]);
      expect(facts.changes).toMatchObject({ since: head, commits: [] });
    },
  );

  test("does not call STATE.md stale while no memos come, or when it was touched", async () => {
    const { infra, start, send, context } = office();
    context.setNow("2026-12-10T10:00:00Z");
    expect((await start()).facts.warnings).toEqual([]);
    await send("New one");
    expect((await start()).facts.warnings.map((warning) => warning.kind)).toEqual(["state.stale"]);
    appendFileSync(join(infra.root, "STATE.md"), "more\n");
    expect((await start()).facts.warnings.map((warning) => warning.kind)).toEqual(["git.uncommitted"]);
  });

  test("tells of this month's receipts in a repository whose objects have SHA-256 names, too", async () => {
    const { shop, infra, send, context, inbox } = office();
    rmSync(join(shop.root, ".git"), { recursive: true });
    shop.git("init", "--quiet", "--initial-branch=main", "--object-format=sha256");
    shop.git("add", ".");
    shop.git("commit", "--quiet", "--message", "Start");
    await send("Job");
    await infra.vibeops("session", "start");
    const [path = ""] = inbox();
    await infra.vibeops("memo", "done", path.slice(32, 40), "--unfinished", "no time");
    const { facts } = await startSession(loadProject(shop.root), context, { pendingRunbooks: () => [] });
    expect(facts.receipts).toMatchObject([{ subject: "Ended unfinished: Job" }]);
  });

  test("names notes and what is in quarantine", async () => {
    const { infra, start } = office();
    infra.write("memos/incoming/ideas.md", "just a thought\n");
    infra.write("memos/incoming/20261120T130000Z-aaaaaaaa-x.md", "---\nfrom: nobody\n---\n");
    const { brief, facts } = await start();
    expect(facts.notes).toEqual(["ideas.md"]);
    expect(facts.quarantine).toEqual(["20261120T130000Z-aaaaaaaa-x.md"]);
    expect(brief).toContain('- "ideas.md" → vibeops memo adopt');
    expect(facts.warnings.filter((warning) => warning.kind === "git.uncommitted")).toEqual([]);
  });

  test("shows a brief, with the reason on top, where git does not know who commits", async () => {
    const { start, send, context } = office();
    await send("Deploy");
    const env: Record<string, string | undefined> = {
      ...context.env,
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "user.useConfigOnly",
      GIT_CONFIG_VALUE_0: "true",
    };
    for (const name of Object.keys(env)) if (/^GIT_(?:AUTHOR|COMMITTER)/.test(name)) delete env[name];
    Object.assign(context, { env });
    const { brief, facts } = await start();
    expect(facts.warnings[0]).toMatchObject({ kind: "git.identity" });
    expect(brief).toContain('"Deploy"');
  });
});

describe("a partial clone", () => {
  test("is told when STATE.md was touched as any other, although git cannot read the memos that moved", async () => {
    const { infra, context, directory, start, send } = office();
    await send("Look");
    await start();
    await infra.vibeops("memo", "done", "look", "--unfinished", "later", "--note", "seen");
    const clone = join(directory, "clone");
    infra.git("config", "uploadpack.allowFilter", "true");
    infra.git("clone", "--quiet", "--filter=blob:none", `file://${infra.root}`, clone);
    await send("More");
    for (const name of infra.list("memos/incoming"))
      cpSync(join(infra.root, "memos/incoming", name), join(clone, "memos/incoming", name));
    rmSync(infra.root, { recursive: true });
    const { facts } = await startSession(loadProject(clone), context, { pendingRunbooks: () => [] });
    expect(facts.warnings.map(({ text }) => text).join()).not.toContain("STATE.md was not touched");
  });
});

describe("a project in a folder of a larger repository", () => {
  test("sees and commits only what lies below it, whatever the folder is called", async () => {
    const { project, context } = workspace();
    const outer = project("outer", "project: outer\nagents: { developer: { provider: builtin } }\n");
    outer.write(
      "apps/shop [1]/vibeops.yaml",
      "project: shop\nagents: { developer: { provider: builtin } }\n",
    );
    outer.write("apps/shop [1]/STATE.md", STATE);
    outer.write(".gitignore", ".vibeops/\n");
    outer.git("add", ".");
    outer.git("commit", "--quiet", "--message", "Shop");
    outer.write("elsewhere.txt", "x");
    outer.write("apps/shop [1]/half.txt", "x");
    const shop = loadProject(join(outer.root, "apps/shop [1]"));
    const { facts } = await startSession(shop, context, { pendingRunbooks: () => [] });
    expect(facts.changes.commits.map(({ subject }) => subject)).toEqual(["Shop"]);
    expect(facts.warnings.map(({ text }) => text)).toEqual(["not committed: half.txt"]);
    const report = await endSession(shop, { note: "n" }, context);
    expect(report).toMatchObject({ committed: ["STATE.md"], uncommitted: [{ path: "half.txt" }] });
    expect(outer.git("show", "--format=", "--name-only", "HEAD").trim()).toBe("apps/shop [1]/STATE.md");
  });
});

describe("session end", () => {
  test("commits the note and the ticked boxes, and names the rest", async () => {
    const { infra, start, end, send, inbox, tick } = office();
    await send("Deploy shop 1.2.0");
    const { session } = await start();
    const [memo = ""] = inbox();
    tick(memo);
    infra.write("half.yaml", "x");
    const report = await end({ note: "Half done.\n\nThe second item is next." });
    expect(report).toMatchObject({
      session,
      committed: ["STATE.md", memo],
      unfinished: [{ subject: "Deploy shop 1.2.0", ticked: 1, boxes: 2, state: "in progress" }],
      uncommitted: [{ path: "half.yaml", status: "??" }],
    });
    expect(infra.git("log", "-1", "--format=%H%n%B")).toBe(
      `${report.commit}\nSession: Half done.\n\nVibeops-Session: ${session}\n\n`,
    );
    expect(infra.git("show", "--format=", "--name-only", "HEAD").trim().split("\n")).toEqual([
      "STATE.md",
      memo,
    ]);
    expect(infra.read("STATE.md")).toBe(STATE.replace("before", "Half done.\n\nThe second item is next."));
    expect(infra.git("status", "--porcelain")).toBe("?? half.yaml\n");
    expect(existsSync(join(infra.root, ".vibeops/session.yaml"))).toBe(false);
  });

  test("wants a note, and takes one that was written into STATE.md by hand", async () => {
    const { infra, start, end } = office();
    await start();
    await expect(end({})).rejects.toMatchObject({ code: "session.note", exit: 2 });
    await expect(end({ note: " \n" })).rejects.toMatchObject({ code: "session.note" });
    infra.write("STATE.md", STATE.replace("before", "by hand"));
    expect(await end({})).toMatchObject({ committed: ["STATE.md"] });
    expect(infra.git("log", "-1", "--format=%s").trim()).toBe("Session: by hand");
  });

  test("may end without a note where that is said", async () => {
    const { infra, start, end } = office();
    await start();
    const head = infra.git("rev-parse", "HEAD");
    expect(await end({ withoutNote: true })).toMatchObject({ commit: null, notCommitted: null });
    expect(infra.git("rev-parse", "HEAD")).toBe(head);
  });

  test("keeps a given note whose words stand in the one that was written by hand, but not as a line", async () => {
    const { infra, start, end } = office();
    await start();
    infra.write("STATE.md", infra.read("STATE.md").replace("before\n", "The migration is not done\n"));
    await end({ note: "done" });
    expect(infra.read("STATE.md")).toContain("## Handover notes\n\ndone\n\nThe migration is not done\n");
  });

  test("keeps a note that was written by hand beside the one that is given", async () => {
    const { infra, start, end } = office();
    await start();
    infra.write("STATE.md", STATE.replace("before", "by hand"));
    await end({ note: "given" });
    expect(infra.git("show", "HEAD:STATE.md")).toContain("## Handover notes\n\ngiven\n\nby hand\n");
  });

  test("commits all that the session changed in STATE.md when it was clean at the start", async () => {
    const { infra, start, end } = office();
    await start();
    infra.write("STATE.md", STATE.replace("old", "new"));
    await end({ note: "n" });
    expect(infra.git("status", "--porcelain")).toBe("");
    expect(infra.git("show", "HEAD:STATE.md")).toContain("new");
  });

  test("keeps what HEAD says where a sparse checkout leaves STATE.md out", async () => {
    const { infra, start, end } = office();
    infra.write("STATE.md", STATE.replace("## Next actions\n", "## Next actions\n\nRotate the logs.\n"));
    infra.git("commit", "--quiet", "--all", "--message", "Next");
    infra.git("sparse-checkout", "set", "--no-cone", "/*", "!/STATE.md");
    expect(existsSync(join(infra.root, "STATE.md"))).toBe(false);
    await start();
    await end({ note: "said" });
    const state = infra.git("show", "HEAD:STATE.md");
    expect(state).toContain("Rotate the logs.");
    expect(state).toContain("## Handover notes\n\nsaid\n");
  });

  test("leaves a person's unfinished edit of STATE.md and of a memo uncommitted and whole", async () => {
    const { infra, start, end, send, inbox, tick } = office();
    await send("Deploy");
    infra.write("STATE.md", STATE.replace("old", "not fini"));
    await start();
    const [memo = ""] = inbox();
    tick(memo);
    appendFileSync(join(infra.root, memo), "a remark in the making\n");
    const report = await end({ note: "n" });
    expect(infra.git("show", "HEAD:STATE.md")).toBe(STATE.replace("before", "n"));
    expect(infra.read("STATE.md")).toBe(STATE.replace("old", "not fini").replace("before", "n"));
    expect(report.uncommitted.map(({ path }) => path).sort()).toEqual(["STATE.md", memo]);
    expect(report.committed).toEqual(["STATE.md"]);
  });

  test("keeps the line ends that the history has, where git has others in the folder", async () => {
    const { infra, start, end } = office();
    infra.git("config", "core.autocrlf", "true");
    infra.git("rm", "--quiet", "--cached", "STATE.md");
    infra.git("reset", "--quiet", "--hard");
    expect(infra.read("STATE.md")).toBe(STATE.replaceAll("\n", "\r\n"));
    await start();
    await end({ note: "n" });
    expect(infra.git("show", "HEAD:STATE.md")).toBe(STATE.replace("before", "n"));
    expect(infra.read("STATE.md")).toBe(STATE.replace("before", "n").replaceAll("\n", "\r\n"));
    expect(infra.git("status", "--porcelain")).toBe("");
  });

  test("keeps CRLF where the history has it", async () => {
    const { infra, start, end } = office();
    infra.write("STATE.md", STATE.replaceAll("\n", "\r\n"));
    infra.git("commit", "--quiet", "--all", "--message", "CRLF");
    infra.git("config", "core.autocrlf", "true");
    await start();
    await end({ note: "n" });
    expect(infra.git("show", "HEAD:STATE.md")).toBe(STATE.replace("before", "n").replaceAll("\n", "\r\n"));
  });

  test("is not kept from ending by a memo that was staged and is gone", async () => {
    const { infra, start, end, send, inbox, tick } = office();
    await send("Gone");
    await start();
    const [path = ""] = inbox();
    tick(path);
    infra.git("add", path);
    rmSync(join(infra.root, path));
    await end({ note: "n" });
    expect(infra.git("status", "--porcelain")).toBe(`MD ${path}\n`);
  });

  test("leaves what a person has staged staged", async () => {
    const { infra, start, end } = office();
    infra.write("staged.txt", "x");
    infra.git("add", "staged.txt");
    await start();
    await end({ note: "n" });
    expect(infra.git("status", "--porcelain")).toBe("A  staged.txt\n");
  });

  test("without a start is right all the same, and done twice keeps one note", async () => {
    const { infra, end } = office();
    expect(await end({ note: "n" })).toMatchObject({ session: null, committed: ["STATE.md"] });
    expect(await end({ note: "n" })).toMatchObject({ commit: null });
    expect(infra.read("STATE.md")).toBe(STATE.replace("before", "n"));
  });

  test("makes STATE.md where there is none", async () => {
    const { infra, start, end } = office();
    infra.git("rm", "--quiet", "STATE.md");
    infra.git("commit", "--quiet", "--message", "Gone");
    expect((await start()).facts.warnings.map((warning) => warning.kind)).toEqual(["state.missing"]);
    await end({ note: "n" });
    expect(infra.git("show", "HEAD:STATE.md")).toContain("## Handover notes\n\nn\n");
  });

  test("leaves what could not be committed to the next session, unless somebody changed it since", async () => {
    const { infra, start } = office();
    infra.write("STATE.md", STATE.replace("before", "handed over in a sandbox"));
    infra.write("notes.md", "as it was");
    const pending = describeLeftOver(infra.root, ["STATE.md", "notes.md"], "Session: in a sandbox");
    writeLastSession(infra.root, { id: "x", ended: "2026-11-20", head: null, ...(pending && { pending }) });
    infra.write("notes.md", "changed since");
    await start();
    expect(infra.git("show", "--format=%s", "--name-only", "HEAD")).toBe(
      "Session: in a sandbox\n\nSTATE.md\n",
    );
    expect(infra.git("status", "--porcelain")).toBe("?? notes.md\n");
    expect(infra.read(".vibeops/last-session.yaml")).not.toContain("pending");
  });

  test.skipIf(process.getuid?.() === 0)(
    "where the repository is read-only, the next session that can write commits",
    async () => {
      const { infra, start, end } = office();
      await start();
      execFileSync("chmod", ["-R", "a-w", join(infra.root, ".git")]);
      const report = await end({ note: "n" });
      execFileSync("chmod", ["-R", "u+w", join(infra.root, ".git")]);
      expect(report).toMatchObject({ commit: null, notCommitted: expect.any(String) });
      await start();
      expect(infra.git("show", "HEAD:STATE.md")).toBe(readFileSync(join(infra.root, "STATE.md"), "utf8"));
    },
  );
});
