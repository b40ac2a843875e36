import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { type GateWorkspace, ID } from "../runbook/gate-workspace.ts";
import { archivedPath, audit, change, commit, finishedWorkspace } from "./finished-workspace.ts";

/* A memo is known by its id: what it is called beside that is for people, and whoever archives it writes that. */

let space: GateWorkspace;
beforeEach(async () => {
  space = await finishedWorkspace();
});

const inProject = (path: string) => join(space.project.root, path);

/** A memo that came in, and was committed as it did. */
async function taken(): Promise<string> {
  const made = await space.project.vibeops(
    "memo",
    "new",
    "Pay the bill",
    "--to",
    "infra",
    "--body",
    "10 coins.",
  );
  expect(made.exit).toBe(0);
  expect((await space.project.vibeops("session", "start")).exit).toBe(0);
  const name = space.project.list("memos/incoming").find((one) => one.includes("pay-the-bill"));
  return `memos/incoming/${name}`;
}

describe("a memo that is archived under another name than it came in under", () => {
  const archive = (path: string, edit: (text: string) => string) => {
    const other = `memos/archived/2026-11/${path.slice(path.lastIndexOf("/") + 1, -"pay-the-bill.md".length)}paid.md`;
    const text = edit(readFileSync(inProject(path), "utf8"));
    rmSync(inProject(path));
    mkdirSync(dirname(inProject(other)), { recursive: true });
    writeFileSync(inProject(other), text);
    commit(space);
  };

  test("says what it said when it came in", async () => {
    archive(await taken(), (text) => text);
    expect(await audit(space)).toMatchObject({ exit: 0, rules: [] });
  });

  test("does not say it any more", async () => {
    archive(await taken(), (text) => text.replace("10 coins", "99 coins"));
    const { exit, rules, text } = await audit(space);
    expect({ exit, rules }).toEqual({ exit: 4, rules: ["audit.memo-words"] });
    expect(text).toContain("pay-the-bill.md HEAD:memos/archived/2026-11/");
  });

  test("does not say it any more, and was laid into the inbox once more with the other words first", async () => {
    const path = await taken();
    const again = path.replace("pay-the-bill", "paid");
    writeFileSync(inProject(again), readFileSync(inProject(path), "utf8").replace("10 coins", "99 coins"));
    rmSync(inProject(path));
    commit(space);
    mkdirSync(inProject("memos/archived/2026-11"), { recursive: true });
    renameSync(inProject(again), inProject(again.replace("incoming", "archived/2026-11")));
    commit(space);
    const { exit, rules, text } = await audit(space);
    expect({ exit, rules: [...new Set(rules)] }).toEqual({ exit: 4, rules: ["audit.memo-words"] });
    expect(text).toContain("pay-the-bill.md HEAD:memos/archived/2026-11/");
  });

  test("is held against its sender's copy all the same", async () => {
    const shop = space.space.project("shop", "project: shop\nagents: { developer: { provider: builtin } }\n");
    const archived = archivedPath(space);
    const copy = archived.slice(archived.lastIndexOf("/") + 1).replace("tidy-up", "clean-up");
    shop.write(`memos/sent/2026-11/${copy}`, readFileSync(archived, "utf8").replace("Please.", "Now."));
    change(inProject("vibeops.yaml"), (text) => `${text}peers: { shop: { path: ../shop } }\n`);
    expect(await audit(space)).toMatchObject({ exit: 4, rules: ["audit.memo-copy"] });
  });
});

test("a seal that is dated before the walk that it seals is told", async () => {
  const file = inProject(`runbooks/${ID}/seal.yaml`);
  change(file, (text) => text.replace(/^(created: "?)2026-11-20/m, "$12026-11-19"));
  const sign = await space.sign(readFileSync(file), "vibeops-record");
  writeFileSync(`${file}.sig`, sign);
  const { exit, text } = await audit(space);
  expect(exit).toBe(4);
  expect(text).toMatch(/it says that it was made at 2026-11-19T\S+, before the last line of record 2/);
});
