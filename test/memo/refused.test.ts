import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { finishMemo } from "../../src/memo/done.ts";
import { intakeMail } from "../../src/memo/intake.ts";
import { deliverQueued } from "../../src/memo/queue.ts";
import { loadProject } from "../../src/project/project.ts";
import { shopAndInfra, type TestProject } from "../helpers/workspace.ts";

/** Every file below a project with its bytes, git's own apart, and where HEAD and the index stand. */
function snapshot({ root, git }: TestProject): Record<string, string> {
  const files: Record<string, string> = {
    HEAD: git("rev-parse", "HEAD"),
    index: git("ls-files", "--stage"),
  };
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const relative = path.slice(root.length + 1);
    if (!entry.isFile() || /^\.git\/|^\.vibeops\//.test(relative)) continue;
    files[relative] = readFileSync(path, "utf8");
  }
  return files;
}

/** A developer and a sysadmin who has one memo in the inbox, checked and committed, and a note. */
async function office() {
  const space = shopAndInfra();
  const { shop, infra, context } = space;
  await shop.vibeops("memo", "new", "Look", "--to", "infra", "--body", "x");
  await intakeMail(loadProject(infra.root), context);
  infra.write("STATE.md", "# State\n\n## Recent progress\n\n- 2026-11-19 Began\n");
  infra.git("add", ".");
  infra.git("commit", "--quiet", "-m", "State");
  infra.write("memos/incoming/note.txt", "Clean up\n");
  const [name = ""] = infra.list("memos/incoming").filter((entry) => entry.endsWith(".md"));
  return { ...space, name };
}

type Office = Awaited<ReturnType<typeof office>>;

function forgetIdentity({ context }: Office): void {
  const env: Record<string, string | undefined> = {
    ...context.env,
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "user.useConfigOnly",
    GIT_CONFIG_VALUE_0: "true",
  };
  for (const name of Object.keys(env)) if (/^GIT_(?:AUTHOR|COMMITTER)/.test(name)) delete env[name];
  Object.assign(context, { env });
}

/** What git refuses, with the exit code, and how it is put right again. */
const REFUSALS: Readonly<
  Record<
    string,
    { code: string; exit: number; make: (office: Office) => void; mend: (office: Office) => void }
  >
> = {
  "no identity": {
    code: "git.identity",
    exit: 2,
    make: forgetIdentity,
    mend: ({ context }) =>
      Object.assign(context, {
        env: {
          ...context.env,
          GIT_CONFIG_COUNT: "2",
          GIT_CONFIG_KEY_0: "user.name",
          GIT_CONFIG_VALUE_0: "Test Person",
          GIT_CONFIG_KEY_1: "user.email",
          GIT_CONFIG_VALUE_1: "test@example.com",
        },
      }),
  },
  "a lock that a killed git left": {
    code: "git.ref-locked",
    exit: 7,
    make: ({ infra }) => writeFileSync(join(infra.root, ".git/HEAD.lock"), ""),
    mend: ({ infra }) => rmSync(join(infra.root, ".git/HEAD.lock")),
  },
  "a pipe in place of the index's lock": {
    code: "file.type",
    exit: 4,
    make: ({ infra }) => execFileSync("mkfifo", [join(infra.root, ".git/index.lock")]),
    mend: ({ infra }) => rmSync(join(infra.root, ".git/index.lock")),
  },
};

const COMMANDS: Readonly<Record<string, (name: string) => string[]>> = {
  new: () => ["memo", "new", "Hello", "--to", "shop", "--body", "y", "--type", "info"],
  "new to several": () => [
    "memo",
    "new",
    "Hello",
    "--to",
    "shop",
    "--to",
    "infra",
    "--body",
    "y",
    "--type",
    "info",
  ],
  reply: (name) => ["memo", "reply", name, "--body", "Which one?"],
  done: (name) => ["memo", "done", name, "--note", "Looked."],
  adopt: () => ["memo", "adopt", "memos/incoming/note.txt"],
  "(state set)": () => ["state", "set", "--next", "Rotate the logs"],
  "(session end)": () => ["session", "end", "--note", "The logs are read."],
};

const CASES = Object.keys(REFUSALS).flatMap((why) =>
  Object.keys(COMMANDS).map((name) => [why, name] as const),
);

describe("what is refused leaves the disk as it was, is sent by no later session, and can be repeated", () => {
  test.each(CASES)("%s: memo %s", async (why, command) => {
    const { code, exit, make, mend } = REFUSALS[why] ?? expect.fail();
    const argv = COMMANDS[command] ?? expect.fail();
    const space = await office();
    const { shop, infra, name } = space;
    const before = [snapshot(infra), snapshot(shop)];
    make(space);
    const refused = await infra.vibeops(...argv(name), "--json");
    expect(JSON.parse(refused.stdout).error.code).toBe(code);
    expect(refused.exit).toBe(exit);
    expect([snapshot(infra), snapshot(shop)]).toEqual(before);
    mend(space);
    expect(await deliverQueued(loadProject(infra.root), space.context)).toEqual([]);
    expect([snapshot(infra), snapshot(shop)]).toEqual(before);
    expect(await infra.vibeops(...argv(name))).toMatchObject({ exit: 0, stderr: "" });
    expect(infra.git("status", "--porcelain", "--", ".", ":!memos/incoming")).toBe("");
  });

  test("a git configuration that cannot be read is named as that, and not as a missing name", async () => {
    const { infra } = await office();
    const before = snapshot(infra);
    const config = infra.read(".git/config");
    infra.write(".git/config", `${config}\n[broken\n`);
    const refused = await infra.vibeops(
      "memo",
      "new",
      "Hello",
      "--to",
      "shop",
      "--body",
      "y",
      "--type",
      "info",
    );
    expect(refused.exit).not.toBe(0);
    expect(refused.stderr).toMatch(/git cannot read its settings: line \d+ of .*\.git\/config/);
    infra.write(".git/config", config);
    expect(snapshot(infra)).toEqual(before);
  });

  test("a STATE.md that has no place for the line: the memo is not archived either", async () => {
    const { infra, name } = await office();
    infra.write("STATE.md", "# State\n\n```\nnever closed\n");
    const before = snapshot(infra);
    const refused = await infra.vibeops("memo", "done", name, "--json");
    expect(JSON.parse(refused.stdout).error.code).toBe("state.structure");
    expect(snapshot(infra)).toEqual(before);
  });

  test("an intake that cannot commit moves nothing", async () => {
    const space = await office();
    const { shop, infra, context } = space;
    await shop.vibeops("memo", "new", "Again", "--to", "infra", "--body", "x");
    infra.write("memos/incoming/bad.md", "---\nnot: a memo\n---\n");
    const before = snapshot(infra);
    forgetIdentity(space);
    await expect(intakeMail(loadProject(infra.root), context)).rejects.toMatchObject({
      code: "git.identity",
    });
    expect(snapshot(infra)).toEqual(before);
  });
});

describe("a memo that was ended by somebody who was killed", () => {
  test.each(["queued", "delivered by a session in between"])("has one receipt: %s", async (how) => {
    const { shop, infra, context, name } = await office();
    // Killed as it would have committed: a commit that ends the process is what the disk looks like afterwards.
    const copy = infra.read(`memos/incoming/${name}`);
    const head = infra.git("rev-parse", "HEAD").trim();
    const first = await finishMemo(loadProject(infra.root), name, { note: "Looked." }, context);
    const [receipt = ""] = infra.list("memos/sent/2026-11");
    expect(receipt).toContain(first.receipt?.id);
    infra.git("update-ref", "HEAD", head);
    infra.git("reset", "--quiet");
    infra.write(`memos/incoming/${name}`, copy);
    infra.write(`memos/outgoing/${receipt}`, infra.read(`memos/sent/2026-11/${receipt}`));
    rmSync(join(shop.root, "memos/incoming", receipt));
    if (how !== "queued") await deliverQueued(loadProject(infra.root), context);
    const second = await finishMemo(loadProject(infra.root), name, { note: "Looked." }, context);
    expect(second.receipt?.id).toBe(first.receipt?.id);
    expect(infra.list("memos/sent/2026-11")).toEqual([receipt]);
    expect(infra.list("memos/outgoing")).toEqual([]);
    expect(shop.list("memos/incoming")).toEqual([receipt]);
    expect((await intakeMail(loadProject(shop.root), context)).receipts).toHaveLength(1);
  });
});

describe("one memo is one candidate", () => {
  test("although a copy of it lies in sent: one of our own, and one that waits in the queue", async () => {
    const { shop, infra } = shopAndInfra();
    await shop.vibeops("memo", "new", "hi", "--to", "shop", "--body", "x");
    expect(await shop.vibeops("memo", "show", "hi", "--json")).toMatchObject({ exit: 0 });
    rmSync(infra.root, { recursive: true });
    await shop.vibeops("memo", "new", "ho", "--to", "infra", "--body", "x");
    expect(shop.list("memos/outgoing")).toHaveLength(1);
    expect(await shop.vibeops("memo", "show", "ho")).toMatchObject({ exit: 0 });
    await shop.vibeops("memo", "new", "ho", "--to", "shop", "--body", "x");
    expect((await shop.vibeops("memo", "show", "ho")).stderr).toContain("fits 2: ");
  });
});
