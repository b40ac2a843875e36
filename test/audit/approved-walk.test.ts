import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { sha256 } from "../../src/platform/hash.ts";
import { hashCommand } from "../../src/runbook/current-content.ts";
import { planDecision, recordDecision } from "../../src/runbook/decide.ts";
import { RecordWriter } from "../../src/runbook/record.ts";
import type { RecordEvent } from "../../src/runbook/record-event.ts";
import { loadRunbook } from "../../src/runbook/runbook-folder.ts";
import { formatStatement, parseStatement, type Statement } from "../../src/runbook/statement.ts";
import { APPROVAL_NAMESPACE, addSigner, trustPaths } from "../../src/runbook/trust.ts";
import {
  ADA,
  type GateWorkspace,
  gateWorkspace,
  ID,
  letterStep,
  makeTestKey,
  PRESENT,
  runbookText,
  testSigner,
} from "../runbook/gate-workspace.ts";
import { audit, commit } from "./finished-workspace.ts";

/*
 * Records that somebody wrote who knows the format: every hash is right, each line stands in its order, and each
 * command is the approved one. What the approvals asked for beside that is held against them all the same.
 */

const WALK = "20261120T150500Z-00000001";
const BOB = "bob@example.com";

let space: GateWorkspace;
beforeEach(() => {
  space = gateWorkspace();
});

const approvalsFolder = () => join(space.project.root, `runbooks/${ID}/approvals`);

function prepare(policy: string | null, more: { author?: string } = {}): void {
  if (policy !== null) space.project.write("policy.yaml", policy);
  space.writeRunbook(runbookText({ steps: letterStep(1, space.host, "A"), ...more }));
}

function statementOf(nonce: string): { statement: Statement; bytes: Buffer } {
  const bytes = readFileSync(join(approvalsFolder(), `${nonce}.yaml`));
  return { statement: parseStatement(bytes, nonce), bytes };
}

/** Signs the same with something else in it, as a person would who was made to. */
async function signOther(nonce: string, edit: Partial<Statement>, sign = space.sign): Promise<string> {
  const { statement } = statementOf(nonce);
  const other = { ...statement, nonce: "20261120T143211Z-00000777", ...edit };
  const bytes = Buffer.from(formatStatement(other));
  const file = join(approvalsFolder(), `${other.nonce}.yaml`);
  writeFileSync(file, bytes);
  writeFileSync(`${file}.sig`, await sign(bytes, APPROVAL_NAMESPACE));
  return other.nonce;
}

interface Forgery {
  readonly start?: object;
  readonly unlocked?: true;
  readonly before?: readonly RecordEvent[];
  readonly reported?: "human";
}

/** The record of a whole walk on an approval, as its own walk would have written it but for what is told here. */
function forgeWalk(nonce: string, forgery: Forgery = {}, walk = WALK): void {
  const { start = {}, unlocked, before = [], reported = "host" } = forgery;
  const { folder, runbook, sha256: digest } = loadRunbook(space.gate().project, ID);
  const { statement, bytes } = statementOf(nonce);
  const [step] = runbook.steps;
  if (step?.run === undefined) throw new Error("the runbook has a step");
  const lock = statement.hosts[0]?.lock ?? "";
  const result = { exit: 0, stdout: "", stderr: "", reported } as const;
  const events = [
    {
      ...{ event: "start", runbook: ID, sha256: digest, approval: nonce, statement: sha256(bytes) },
      ...{ approver: ADA, mode: "ssh", operator: ADA, head: "none", ...start },
    },
    ...(unlocked === true
      ? []
      : [{ event: "locked", host: "here", by: "local", command: lock, account: "ada" }]),
    ...before,
    {
      ...{ event: "started", step: 1, kind: "run", host: "here", by: "local" },
      ...{ command: hashCommand({ ...step.run, host: "here" }), bytes: "0".repeat(64) },
    },
    { event: "finished", step: 1, kind: "run", outcome: "ok", ...result },
    { event: "checked", step: 1, index: 0, ok: true, attempts: 1, ...result },
    { event: "completed" },
  ] as RecordEvent[];
  space.project.write(`runbooks/${ID}/records/.keep`, "");
  const writer = RecordWriter.create(folder, walk, () => undefined);
  for (const event of events) writer.append(event, new Date(statement.created));
  writer.close();
  commit(space);
}

/** What is found beside what is always said of a record that nobody here wrote. */
async function found(): Promise<{ rules: string[]; text: string; exit: number }> {
  const { rules, text, exit } = await audit(space);
  return { rules: rules.filter((rule) => rule !== "audit.claim"), text, exit };
}

test("a record that is forged in every respect as its own walk would have written it is a claim and no more", async () => {
  prepare(null);
  forgeWalk(await space.approve());
  expect(await audit(space)).toMatchObject({ exit: 0, rules: ["audit.claim"] });
});

describe("the approvals that the policy of the statement asked for", () => {
  const approveAs = async (who: string, sign = space.sign) => {
    const plan = await planDecision(space.gate(), ID, { decision: "approve", principal: who });
    return (await recordDecision(space.gate(), plan, PRESENT, sign)).nonce;
  };

  /** A second person with a key of their own. */
  const bob = () => {
    const key = join(space.space.directory, "bob");
    makeTestKey(key, "other words");
    addSigner(trustPaths(space.context.env), BOB, readFileSync(`${key}.pub`, "utf8"));
    return testSigner(space.space.directory, key, "other words");
  };

  test("are all there, by different people with different keys", async () => {
    prepare("approval: { approvals: 2 }\n");
    const nonce = await approveAs(ADA);
    const second = await signOther(nonce, { approver: BOB }, bob());
    forgeWalk(nonce, { start: { further: [second] } });
    expect(await found()).toMatchObject({ exit: 0, rules: [] });
  });

  test("are too few where a second one is missing", async () => {
    prepare("approval: { approvals: 2 }\n");
    forgeWalk(await approveAs(ADA));
    expect(await found()).toMatchObject({ exit: 4, rules: ["audit.approvals"] });
  });

  test("are too few where one person gave both", async () => {
    prepare("approval: { approvals: 2 }\n");
    const nonce = await approveAs(ADA);
    forgeWalk(nonce, { start: { further: [await signOther(nonce, {})] } });
    expect(await found()).toMatchObject({ exit: 4, rules: ["audit.approvals"] });
  });

  test("are too few where the policy has a rule for it", async () => {
    prepare('approval: { approvals: "raw ? 2 : 1" }\n');
    forgeWalk(await approveAs(ADA));
    expect(await found()).toMatchObject({ exit: 4, rules: ["audit.approvals"] });
  });

  test.each<[string, (nonce: string) => Promise<string>]>([
    ["a rejection", (nonce) => signOther(nonce, { approver: BOB, decision: "reject", reason: "no" }, bob())],
    ["of other content", (nonce) => signOther(nonce, { approver: BOB, variables: { A: "b" } }, bob())],
    ["not there", async () => "20261120T143211Z-00000778"],
    ["signed by nobody who may", (nonce) => signOther(nonce, { approver: BOB })],
  ])("do not count where a further one is %s", async (_, further) => {
    prepare("approval: { approvals: 2 }\n");
    const nonce = await approveAs(ADA);
    forgeWalk(nonce, { start: { further: [await further(nonce)] } });
    const { exit, rules } = await found();
    expect(exit).toBe(4);
    expect(rules).toContain("audit.approvals");
  });

  test("do not count where a further one's signature is not what it says", async () => {
    prepare("approval: { approvals: 2 }\n");
    const nonce = await approveAs(ADA);
    const sign = bob();
    const second = await signOther(nonce, { approver: BOB }, sign);
    const other = await sign(Buffer.from("other words"), APPROVAL_NAMESPACE);
    writeFileSync(join(approvalsFolder(), `${second}.yaml.sig`), other);
    forgeWalk(nonce, { start: { further: [second] } });
    const { exit, rules } = await found();
    expect(exit).toBe(4);
    expect(rules).toEqual(expect.arrayContaining(["audit.approval", "audit.no-approval"]));
  });

  test("do not come from the author where it wanted four eyes", async () => {
    prepare("approval: { four_eyes: true }\n", { author: ADA });
    const policy = sha256(readFileSync(join(space.project.root, "policy.yaml")));
    space.project.write("policy.yaml", "approval: { approvals: 1 }\n");
    const nonce = await signOther(await approveAs(ADA), { policy });
    forgeWalk(nonce);
    expect(await found()).toMatchObject({ exit: 4, rules: ["audit.approvals"] });
  });

  test("served one walk each, a further one too", async () => {
    prepare("approval: { approvals: 2 }\n");
    const nonce = await approveAs(ADA);
    const second = await signOther(nonce, { approver: BOB }, bob());
    forgeWalk(nonce, { start: { further: [second] } });
    forgeWalk(second, { start: { further: [nonce], approver: BOB } }, "20261120T150500Z-00000002");
    expect((await found()).rules).toEqual(["audit.replay", "audit.replay"]);
  });

  test("are unknown, and that is said, where the policy of the day is in no commit", async () => {
    prepare(null);
    forgeWalk(await signOther(await space.approve(), { policy: sha256("lost") }));
    expect(await found()).toMatchObject({ exit: 0, rules: ["audit.policy"] });
  });
});

describe("who walked", () => {
  const delegated = { operator: "agent sysadmin@infra", delegated: true };

  test("a step that nobody approved as delegated did not run without a person", async () => {
    prepare(null);
    forgeWalk(await space.approve(), { start: delegated });
    const { exit, rules, text } = await found();
    expect({ exit, rules }).toEqual({ exit: 4, rules: ["audit.delegated"] });
    expect(text).toContain("nobody approved it as delegated");
  });

  test("an agent did not sit in a person's place", async () => {
    prepare(null);
    forgeWalk(await space.approve(), { start: { operator: "agent sysadmin@infra" } });
    expect(await found()).toMatchObject({ exit: 4, rules: ["audit.delegated"] });
  });

  test("without a person nothing was skipped", async () => {
    prepare(null);
    const skipped = { event: "skipped", step: 1, kind: "check", reason: "no time" } as const;
    forgeWalk(await space.approve(), { start: delegated, before: [skipped] });
    expect((await found()).text).toContain("'skipped' is for a person");
  });

  test("without a person nobody said that a command had not run, but where its host was never reached", async () => {
    prepare(null);
    const nonce = await space.approve();
    const { run } = loadRunbook(space.gate().project, ID).runbook.steps[0] ?? {};
    if (run === undefined) throw new Error("the runbook has a step");
    const place = { step: 1, kind: "run", host: "here" } as const;
    const command = hashCommand({ ...run, host: "here" });
    const started = { event: "started", ...place, by: "local", command, bytes: "0".repeat(64) } as const;
    const result = { outcome: "unknown", exit: null, stdout: "", stderr: "", reported: "host" } as const;
    const answered = { event: "answered", ...place, answer: "not-run" } as const;
    const unreached = [started, { event: "finished", ...place, ...result }, answered] as const;
    const said = "what became of step 1 is for a person to say";
    forgeWalk(nonce, { start: delegated, before: unreached });
    expect((await found()).text).not.toContain(said);
    rmSync(join(space.project.root, `runbooks/${ID}/records/${WALK}.jsonl`));
    forgeWalk(nonce, { start: delegated, before: [...unreached, started, answered] });
    expect((await found()).text).toContain(said);
  });

  test("without a person nobody reported how a command ended", async () => {
    prepare(null);
    forgeWalk(await space.approve(), { start: delegated, reported: "human" });
    expect((await found()).text).toContain("step 1 was reported by a person, and none was there");
  });
});

test("a record that names another approver than its approval is not one of a walk on it", async () => {
  prepare(null);
  forgeWalk(await space.approve(), { start: { approver: BOB } });
  const { exit, rules, text } = await found();
  expect({ exit, rules }).toEqual({ exit: 4, rules: ["audit.no-approval"] });
  expect(text).toContain(`it names ${BOB} as who approved`);
});

test("no command started on a host whose lock the walk did not have", async () => {
  prepare(null);
  forgeWalk(await space.approve(), { unlocked: true });
  const { exit, rules, text } = await found();
  expect({ exit, rules }).toEqual({ exit: 4, rules: ["audit.not-approved"] });
  expect(text).toContain("whose lock this walk did not have");
});

describe("a rejection that is gone is told", () => {
  const reject = async () => {
    const asked = { decision: "reject", principal: ADA, reason: "Not on a Friday" } as const;
    const plan = await planDecision(space.gate(), ID, asked);
    await recordDecision(space.gate(), plan, PRESENT, space.sign);
    for (const name of readdirSync(approvalsFolder())) rmSync(join(approvalsFolder(), name));
  };

  test("where it was deleted without a commit", async () => {
    prepare(null);
    await reject();
    expect(await found()).toMatchObject({ exit: 4, rules: ["audit.gone", "audit.gone"] });
  });

  test("where a later commit deleted it", async () => {
    prepare(null);
    await reject();
    commit(space);
    expect(await found()).toMatchObject({ exit: 4, rules: ["audit.rewritten", "audit.rewritten"] });
  });
});

describe("a date that there is not keeps nothing from being audited", () => {
  test("in a decision", async () => {
    prepare(null);
    const nonce = await space.approve();
    const file = join(approvalsFolder(), `${nonce}.yaml`);
    writeFileSync(
      file,
      readFileSync(file, "utf8").replace(/^created: .*$/m, 'created: "2026-99-99T00:00:00.000Z"'),
    );
    expect((await found()).rules).toContain("statement.form");
  });

  test("in a seal", async () => {
    prepare(null);
    const seal = [
      'seal: "vibeops-seal/1"',
      "runbook:",
      `  id: "${ID}"`,
      '  sha256: "x"',
      'outcome: "abandoned"',
    ];
    const rest = ["records: []", `closer: "${ADA}"`, 'created: "yesterday"', ""];
    space.project.write(`runbooks/${ID}/seal.yaml`, [...seal, ...rest].join("\n"));
    space.project.write(`runbooks/${ID}/seal.yaml.sig`, await space.sign(Buffer.from("x"), "vibeops-record"));
    expect((await found()).rules).toContain("audit.seal");
  });
});
