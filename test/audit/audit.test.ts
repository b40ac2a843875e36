import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { sha256 } from "../../src/platform/hash.ts";
import { trustPaths } from "../../src/runbook/trust.ts";
import { walkRunbook } from "../../src/runbook/walk.ts";
import { runIn } from "../helpers/cli.ts";
import { testContext } from "../helpers/context.ts";
import { temporaryDirectory } from "../helpers/directory.ts";
import {
  type GateWorkspace,
  gateWorkspace,
  ID,
  letterStep,
  makeTestKey,
  runbookText,
  testSigner,
} from "../runbook/gate-workspace.ts";
import { scriptedOperator } from "../runbook/scripted-operator.ts";
import {
  type Audit,
  approvalPath,
  archivedPath,
  audit,
  change,
  commit,
  facts,
  finishedWorkspace,
  recordPath,
} from "./finished-workspace.ts";

/** Edits a line of a record and makes every hash from there on anew, as somebody would who knows the format. */
function rechain(text: string, edit: (line: string) => string): string {
  let prev = "0".repeat(64);
  return text
    .trimEnd()
    .split("\n")
    .map((line) => {
      const { hash: _hash, ...rest } = JSON.parse(edit(line));
      const linked = { ...rest, prev };
      const hash = sha256(JSON.stringify(linked));
      prev = hash;
      return `${JSON.stringify({ ...linked, hash })}\n`;
    })
    .join("");
}

let space: GateWorkspace;
beforeEach(async () => {
  space = await finishedWorkspace();
});

test("a trail that nobody touched is found whole, twice, and the audit changes nothing in the project", async () => {
  const before = space.project.git("status", "--porcelain");
  expect(await audit(space)).toMatchObject({ exit: 0, rules: [] });
  expect(await audit(space)).toMatchObject({ exit: 0, rules: [] });
  expect(space.project.git("status", "--porcelain")).toBe(before);
  const { stdout } = await space.project.vibeops("audit", "verify");
  expect(stdout).toContain("Looked at 1 runbook, 1 decision, 2 records, 1 seal, 2 signatures, 2 kept memos");
});

describe("what was changed after the fact is named", () => {
  const cases: [string, (space: GateWorkspace) => void, string][] = [
    [
      "the runbook",
      (s) => change(join(s.project.root, `runbooks/${ID}/runbook.md`), (t) => `${t}\n`),
      "audit.seal",
    ],
    ["a word in a record", (s) => change(recordPath(s), (t) => t.replace("ada@", "eve@")), "record.broken"],
    [
      "a record that lost its end",
      (s) => change(recordPath(s), (t) => t.replace(/[^\n]+\n$/, "")),
      "audit.seal",
    ],
    [
      "a record whose lines were swapped",
      (s) =>
        change(recordPath(s), (t) => {
          const lines = t.split("\n");
          [lines[1], lines[2]] = [lines[2] ?? "", lines[1] ?? ""];
          return lines.join("\n");
        }),
      "record.broken",
    ],
    [
      "a record that was made up again with right hashes",
      (s) => change(recordPath(s), (t) => rechain(t, (line) => line.replace('"exit":0', '"exit":1'))),
      "audit.seal",
    ],
    ["a record that is gone", (s) => rmSync(recordPath(s)), "audit.seal"],
    [
      "an approval's words",
      (s) => change(approvalPath(s), (t) => t.replace("Deploy shop", "Deploy shed")),
      "audit.approval",
    ],
    ["an approval that is gone", (s) => rmSync(approvalPath(s)), "audit.no-approval"],
    ["an approval without its signature", (s) => rmSync(`${approvalPath(s)}.sig`), "audit.approval"],
    [
      "the seal's words",
      (s) =>
        change(join(s.project.root, `runbooks/${ID}/seal.yaml`), (t) =>
          t.replace("completed", "rolled-back"),
        ),
      "audit.seal",
    ],
    [
      "what people read",
      (s) => change(join(s.project.root, `runbooks/${ID}/record.md`), (t) => `${t}!\n`),
      "audit.seal",
    ],
    [
      "an archived memo's words",
      (s) => change(archivedPath(s), (t) => t.replace("Please.", "Now.")),
      "audit.memo-words",
    ],
    [
      "an archived memo's sender",
      (s) => change(archivedPath(s), (t) => t.replace(/^from: .*$/m, "from: pm@office")),
      "audit.memo-words",
    ],
    [
      "an archived memo's notes",
      (s) => change(archivedPath(s), (t) => t.replace("Done.", "Not done.")),
      "audit.memo-edited",
    ],
    ["an archived memo that is gone", (s) => rmSync(archivedPath(s)), "audit.memo-gone"],
  ];

  test.each(cases)("in the folder: %s", async (_, tamper, rule) => {
    tamper(space);
    const found = await audit(space);
    expect(found.rules).toContain(rule);
    expect(found.exit).toBe(4);
  });

  test.each(cases)("committed: %s", async (_, tamper) => {
    tamper(space);
    commit(space);
    const found = await audit(space);
    expect(found.exit).toBe(4);
    expect(found.rules).not.toEqual([]);
  });
});

test("an open walk's record that was made up again is told from its committed lines", async () => {
  const fresh = gateWorkspace();
  fresh.writeRunbook(runbookText({ steps: letterStep(1, fresh.host, "A") + letterStep(2, fresh.host, "B") }));
  await fresh.approve();
  await walkRunbook(fresh.gate(), ID, { mode: "ssh", operator: scriptedOperator(["run"]), facts });
  expect((await audit(fresh)).rules).toEqual([]);
  change(recordPath(fresh), (text) => rechain(text, (line) => line.replace('"exit":0', '"exit":1')));
  commit(fresh);
  // As on a machine that never wrote the record.
  const { exit, rules } = await elsewhere(fresh);
  expect(exit).toBe(4);
  expect(rules).toContain("audit.rewritten");
  // And nobody signed it: there it is only what somebody says.
  expect(rules).toContain("audit.claim");
});

test("a history that was rewritten since the last audit is noticed, again and again", async () => {
  expect((await audit(space)).rules).toEqual([]);
  space.project.git("commit", "--quiet", "--amend", "-m", "Another story");
  for (const _ of [1, 2]) expect(await audit(space)).toMatchObject({ exit: 4, rules: ["audit.history"] });
  // A person who knows why says so by hand, as they are told.
  const told = /rm '?(\/[^'";]+)/.exec((await audit(space)).text)?.[1] ?? "";
  rmSync(told);
  for (const _ of [1, 2]) expect((await audit(space)).rules).toEqual([]);
});

test("commits that a decision or a walk names and that are gone are noticed without any memory", async () => {
  space.project.git("checkout", "--quiet", "--orphan", "other");
  space.project.git("commit", "--quiet", "-m", "As if it had always been so");
  const { exit, rules } = await elsewhere(space);
  expect(exit).toBe(4);
  expect(rules).toContain("audit.history");
});

test("a decision signed by a key that nobody listed is nobody's, and so is what ran on it", async () => {
  const key = join(space.space.directory, "foreign");
  makeTestKey(key, "other words");
  const statement = readFileSync(approvalPath(space));
  const forged = await testSigner(space.space.directory, key, "other words")(statement, "vibeops-approval");
  writeFileSync(`${approvalPath(space)}.sig`, forged);
  const found = await audit(space);
  expect(found.rules).toEqual(expect.arrayContaining(["audit.approval", "audit.no-approval"]));
});

async function elsewhere(from: GateWorkspace, ...flags: string[]): Promise<Audit> {
  const directory = temporaryDirectory();
  execFileSync("git", ["clone", "--quiet", from.project.root, join(directory, "copy")]);
  const signers = join(directory, "signers");
  writeFileSync(signers, readFileSync(trustPaths(from.context.env).allowedSigners));
  const given = flags.length > 0 ? flags : ["--signers", signers];
  const result = await runIn(join(directory, "copy"), testContext(join(directory, "home")), [
    "audit",
    "verify",
    "--json",
    ...given,
  ]);
  const findings = JSON.parse(result.stdout).result?.findings ?? [];
  const rules = findings.map(({ rule }: { rule: string }) => rule);
  return { exit: result.exit, rules, text: result.stdout };
}

test("somebody else can do it on another machine with a list of signers, and only with the right one", async () => {
  expect(await elsewhere(space)).toMatchObject({ exit: 0, rules: [] });
  const empty = join(temporaryDirectory(), "nobody");
  writeFileSync(empty, "");
  const found = await elsewhere(space, "--signers", empty);
  expect(found.exit).toBe(4);
  expect(found.rules).toEqual(expect.arrayContaining(["audit.approval", "audit.no-approval", "audit.seal"]));
});

test("a list that is not there, and revoked keys without a list of signers, are refused and not passed over", async () => {
  const missing = join(temporaryDirectory(), "allowed_signers");
  const signers = trustPaths(space.context.env).allowedSigners;
  for (const flags of [
    ["--signers", missing],
    ["--signers", signers, "--revoked", missing],
  ]) {
    const found = await elsewhere(space, ...flags);
    expect(found.exit).toBe(3);
    expect(JSON.parse(found.text).error).toMatchObject({ code: "file.missing", fix: expect.any(String) });
  }
  const alone = await elsewhere(space, "--revoked", signers);
  expect(alone.exit).toBe(2);
  expect(JSON.parse(alone.text).error).toMatchObject({ code: "usage.value", fix: expect.any(String) });
});

test("a sender's copy that says something else is named, and its folders hold more than months", async () => {
  const shop = space.space.project("shop", "project: shop\nagents: { developer: { provider: builtin } }\n");
  shop.write("memos/sent/.gitkeep", "");
  const archived = archivedPath(space);
  const [, month = "", name = ""] = /archived\/([^/]+)\/(.+)$/.exec(archived) ?? [];
  const copy = readFileSync(archived, "utf8");
  shop.write(`memos/sent/${month}/${name}`, copy);
  change(join(space.project.root, "vibeops.yaml"), (text) => `${text}peers: { shop: { path: ../shop } }\n`);
  expect((await audit(space)).rules).toEqual([]);
  shop.write(`memos/sent/${month}/${name}`, copy.replace("Please.", "Now."));
  expect(await audit(space)).toMatchObject({ exit: 4, rules: ["audit.memo-copy"] });
});
