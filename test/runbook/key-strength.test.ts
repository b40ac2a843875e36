import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseSigners } from "../../src/runbook/allowed-signers.ts";
import { requireApproval } from "../../src/runbook/approval.ts";
import { planAdd, planRevoke } from "../../src/runbook/change-trust.ts";
import { planDecision, recordDecision } from "../../src/runbook/decide.ts";
import { listTrust } from "../../src/runbook/list-trust.ts";
import { planFirstKey, planInit } from "../../src/runbook/plan-init.ts";
import { loadRunbook } from "../../src/runbook/runbook-folder.ts";
import { whyTooShort } from "../../src/runbook/ssh-key.ts";
import { trustPaths } from "../../src/runbook/trust.ts";
import { checkTrust } from "../../src/runbook/trust-checks.ts";
import { parsePublicKey } from "../../src/runbook/weak-key.ts";
import {
  ADA,
  type GateWorkspace,
  gateWorkspace,
  ID,
  letterStep,
  makeTestKey,
  PRESENT,
  runbookText,
} from "./gate-workspace.ts";

const GRACE = "grace@example.com";

/** An RSA key of the size that is asked for, made by ssh-keygen; its file, and its public half. */
function rsaKey({ space }: GateWorkspace, bits: number) {
  const file = join(space.directory, `rsa-${bits}`);
  execFileSync("ssh-keygen", ["-q", "-t", "rsa", "-b", String(bits), "-N", "correct horse", "-f", file]);
  return { file, publicKey: parsePublicKey(readFileSync(`${file}.pub`, "utf8"), file) };
}

test("an RSA key that others can factor is nobody's: not by trust add, by hand or as one's own", async () => {
  const space = gateWorkspace();
  const paths = trustPaths(space.context.env);
  const short = rsaKey(space, 1024);
  expect(whyTooShort(short.publicKey)).toBe("an RSA key of 1024 bits");
  expect(() => planAdd(paths, { principal: GRACE, key: short.publicKey }, space.context.now())).toThrow(
    expect.objectContaining({ code: "trust.key-short", fix: expect.stringContaining("ed25519") }) as Error,
  );
  const line = `${GRACE} ssh-rsa ${short.publicKey.blob}`;
  expect(() => parseSigners(`# team\n${line}\n`, "f")).toThrow(
    expect.objectContaining({ code: "trust.signers", line: 2 }) as Error,
  );
  const fresh = { ...paths, key: join(paths.directory, "other") };
  await expect(
    planInit(fresh, space.context.env, { principal: GRACE, existing: short.file }),
  ).rejects.toMatchObject({ code: "trust.key-short" });
});

test("an RSA key of 2048 bits is taken, to the bit", () => {
  const space = gateWorkspace();
  const { publicKey } = rsaKey(space, 2048);
  expect(whyTooShort(publicKey)).toBeNull();
  expect(
    planAdd(trustPaths(space.context.env), { principal: GRACE, key: publicKey }, space.context.now()).change,
  ).toBe("add");
  const field = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const ofModulus = (hex: string) => ({
    keyType: "ssh-rsa",
    blob: Buffer.concat([
      field(Buffer.from("ssh-rsa")),
      field(Buffer.from([3])),
      field(Buffer.from(hex, "hex")),
    ]).toString("base64"),
  });
  expect(whyTooShort(ofModulus(`00${"80".padEnd(512, "0")}`))).toBeNull();
  expect(whyTooShort(ofModulus("7f".padEnd(512, "0")))).toBe("an RSA key of 2047 bits");
  expect(whyTooShort(ofModulus("00"))).toBe("an RSA key of 0 bits");
});

/** A runbook that is approved by a key that counts until a day, long after this machine's own clock. */
async function approvedUntil(until: string): Promise<GateWorkspace> {
  const space = gateWorkspace();
  const paths = trustPaths(space.context.env);
  const [, type, blob] = /(ssh-ed25519) (\S+)/.exec(readFileSync(`${paths.key}.pub`, "utf8")) ?? [];
  writeFileSync(paths.allowedSigners, `${ADA} valid-before="${until}" ${type} ${blob}\n`);
  space.writeRunbook(runbookText({ steps: letterStep(1, space.host, "A") }));
  await space.approve();
  return space;
}

test("a key whose time is over is named as that: to whoever runs, and to whoever would sign with it", async () => {
  const space = await approvedUntil("20371121");
  const paths = trustPaths(space.context.env);
  const gate = space.gate();
  await requireApproval(gate, loadRunbook(gate.project, ID));
  space.context.setNow("2037-11-21T00:00:00Z");
  await expect(requireApproval(gate, loadRunbook(gate.project, ID))).rejects.toMatchObject({
    code: "approval.invalid",
    message: expect.stringMatching(/the key SHA256:\S+ of ada@example.com ended on 2037-11-20/),
    facts: { reason: "key-ended" },
  });
  // Before anybody reads a page, or types a passphrase for nothing.
  await expect(planFirstKey(paths, space.context, ADA)).rejects.toMatchObject({
    code: "trust.key-ended",
    fix: `list it anew: vibeops trust add ${ADA} ${paths.key}.pub`,
    line: 1,
  });
  const plan = await planDecision(gate, ID, { decision: "approve", principal: ADA });
  await expect(recordDecision(gate, plan, PRESENT, space.sign)).rejects.toMatchObject({
    code: "trust.key-ended",
  });
});

test("doctor's advice for a key whose time is over mends it", async () => {
  const space = await approvedUntil("20371121");
  const paths = trustPaths(space.context.env);
  space.context.setNow("2037-12-01T00:00:00Z");
  const named = async (name: string) =>
    (await checkTrust(null, space.context)).find((check) => check.name === name);
  expect(await named("trust.key-ended")).toMatchObject({
    fix: `vibeops trust add ${ADA} ${paths.key}.pub`,
  });
  const key = parsePublicKey(readFileSync(`${paths.key}.pub`, "utf8"), paths.key);
  const plan = planAdd(paths, { principal: ADA, key }, space.context.now());
  expect(plan.change).toBe("replace");
  writeFileSync(paths.allowedSigners, `${plan.line}\n`);
  expect(await named("trust.key-ended")).toBeUndefined();
});

test("a key that does not count yet is shown as that", async () => {
  const space = gateWorkspace();
  const paths = trustPaths(space.context.env);
  const text = readFileSync(paths.allowedSigners, "utf8").replace(" ssh-", ',valid-after="20270101" ssh-');
  writeFileSync(paths.allowedSigners, text);
  expect((await listTrust(paths, space.context)).keys).toMatchObject([
    { from: "2027-01-01T00:00:00.000Z", expired: false },
  ]);
  await expect(planFirstKey(paths, space.context, ADA)).rejects.toMatchObject({
    message: expect.stringContaining("counts only from 2027-01-01"),
  });
});

test("a key that stands on two lines for one person is not limited on one of them: it would count by the other", () => {
  const space = gateWorkspace();
  const paths = trustPaths(space.context.env);
  const line = readFileSync(paths.allowedSigners, "utf8");
  writeFileSync(paths.allowedSigners, `${line}# laptop\n${line}`);
  const key = parsePublicKey(readFileSync(`${paths.key}.pub`, "utf8"), paths.key);
  const signer = { principal: ADA, key, until: "2026-12-31" };
  expect(() => planAdd(paths, signer, space.context.now())).toThrow(
    expect.objectContaining({
      code: "trust.signers",
      line: 3,
      message: expect.stringContaining("lines 1 and 3"),
    }) as Error,
  );
});

test("a fingerprint is given by at least six of its characters, not by the word that stands before each", () => {
  const space = gateWorkspace();
  const paths = trustPaths(space.context.env);
  const { fingerprint } = parsePublicKey(readFileSync(`${paths.key}.pub`, "utf8"), paths.key);
  expect(() => planRevoke(paths, "SHA256:", "")).toThrow(/nobody and no key/);
  expect(planRevoke(paths, fingerprint.slice(0, 13), "").keys).toHaveLength(1);
  expect(planRevoke(paths, fingerprint.slice(7, 13), "").keys).toHaveLength(1);
});

test("what is said of one's own key without a passphrase can be done: an init keeps a key that is there", async () => {
  const space = gateWorkspace();
  const paths = trustPaths(space.context.env);
  execFileSync("rm", ["-f", paths.key, `${paths.key}.pub`]);
  makeTestKey(paths.key, "");
  const { publicKey } = { publicKey: parsePublicKey(readFileSync(`${paths.key}.pub`, "utf8"), paths.key) };
  const fix = `ssh-keygen -p -f ${paths.key}; or, where a program may have read it: vibeops trust revoke ${publicKey.fingerprint}, then vibeops trust init`;
  await expect(planInit(paths, space.context.env, { principal: ADA })).rejects.toMatchObject({
    code: "trust.key-open",
    fix,
  });
  expect((await checkTrust(null, space.context)).find(({ name }) => name === "trust.key-open")).toMatchObject(
    {
      fix,
    },
  );
  execFileSync("ssh-keygen", ["-q", "-p", "-P", "", "-N", "correct horse", "-f", paths.key], {
    stdio: "ignore",
  });
  expect((await planInit(paths, space.context.env, { principal: GRACE })).key.act).toBe("keep");
});
