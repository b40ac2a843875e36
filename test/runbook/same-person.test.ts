import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { requireApproval } from "../../src/runbook/approval.ts";
import { planDecision, recordDecision } from "../../src/runbook/decide.ts";
import { loadRunbook } from "../../src/runbook/runbook-folder.ts";
import { namesOfPerson } from "../../src/runbook/same-person.ts";
import { addSigner, trustPaths } from "../../src/runbook/trust.ts";
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
} from "./gate-workspace.ts";

const GRACE = "grace@example.com";

function prepared(policy: string, author = "sysadmin@infra"): GateWorkspace {
  const space = gateWorkspace();
  space.project.write("policy.yaml", policy);
  space.writeRunbook(runbookText({ author, steps: letterStep(1, space.host, "A") }));
  return space;
}

/** Lists Ada's own key under another name too. */
function alsoKnownAs({ context }: GateWorkspace, name: string): void {
  const { allowedSigners } = trustPaths(context.env);
  const text = readFileSync(allowedSigners, "utf8");
  const own = text.split("\n").find((line) => line.startsWith(ADA)) ?? "";
  writeFileSync(allowedSigners, `${text}${own.replace(ADA, name)}\n`);
}

/** Approves as somebody with a key of their own, which is listed under that name. */
async function approveAs(space: GateWorkspace, principal: string): Promise<void> {
  const key = join(space.space.directory, `key-${readdirSync(space.space.directory).length}`);
  makeTestKey(key, "another phrase");
  addSigner(trustPaths(space.context.env), principal, readFileSync(`${key}.pub`, "utf8"));
  const plan = await planDecision(space.gate(), ID, { decision: "approve", principal });
  const sign = testSigner(space.space.directory, key, "another phrase");
  await recordDecision(space.gate(), plan, PRESENT, sign);
}

async function ask(space: GateWorkspace): Promise<number> {
  return (await requireApproval(space.gate(), loadRunbook(space.gate().project, ID))).further.length;
}

const MORE = { code: "approval.more", exit: 6 };

test("two people are two: one address in another case, with another key, is the same person again", async () => {
  const space = prepared("approval: { approvals: 2 }\n");
  await space.approve();
  await approveAs(space, "Ada@Example.com");
  await expect(ask(space)).rejects.toMatchObject(MORE);
  await approveAs(space, GRACE);
  expect(await ask(space)).toBe(1);
});

test("two people are two: who has a key under both names is one person, whichever key signs", async () => {
  const space = prepared("approval: { approvals: 2 }\n");
  await space.approve();
  await approveAs(space, GRACE);
  expect(await ask(space)).toBe(1);
  alsoKnownAs(space, GRACE);
  await expect(ask(space)).rejects.toMatchObject(MORE);
});

test("four eyes: who wrote it does not approve it under another name of the same key", async () => {
  const space = prepared("approval: { four_eyes: true }\n", ADA);
  alsoKnownAs(space, "ada@work.example");
  const plan = planDecision(space.gate(), ID, { decision: "approve", principal: "ada@work.example" });
  await expect(plan).rejects.toMatchObject({
    code: "approval.self",
    exit: 5,
    message: expect.stringContaining("as ada@example.com, with a key of theirs") as string,
  });
});

test("an agent's address in another case is an agent's", async () => {
  const space = prepared("rules: []\n");
  const plan = planDecision(space.gate(), ID, { decision: "approve", principal: "SysAdmin@Infra" });
  await expect(plan).rejects.toMatchObject({ code: "approval.self", exit: 5 });
});

test("names are joined over any number of keys, and nobody else's are", () => {
  const signers = [
    { principal: "c@x", fingerprint: "2" },
    { principal: "B@x", fingerprint: "2" },
    { principal: "b@x", fingerprint: "1" },
    { principal: "a@x", fingerprint: "1" },
    { principal: "d@x", fingerprint: "3" },
  ];
  expect([...namesOfPerson("A@X", signers)].sort()).toEqual(["a@x", "b@x", "c@x"]);
  expect([...namesOfPerson("nobody@x", signers)]).toEqual(["nobody@x"]);
});
