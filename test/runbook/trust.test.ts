import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { applyAdd, applyRevoke, planAdd, planRevoke } from "../../src/runbook/change-trust.ts";
import { applyInit } from "../../src/runbook/init-trust.ts";
import { listTrust } from "../../src/runbook/list-trust.ts";
import { planFirstKey, planInit } from "../../src/runbook/plan-init.ts";
import { verifySignature } from "../../src/runbook/sign.ts";
import {
  APPROVAL_NAMESPACE,
  addSigner,
  keyNeedsHuman,
  listSigners,
  requireHumanKey,
  trustPaths,
} from "../../src/runbook/trust.ts";
import { parsePublicKey } from "../../src/runbook/weak-key.ts";
import { workspace } from "../helpers/workspace.ts";
import { ADA, makeTestKey, testSigner } from "./gate-workspace.ts";
import { softwareSecurityKey } from "./software-security-key.ts";

const GRACE = "grace@example.com";
const AT_TERMINAL = { terminal: true };

/** A person with nothing but a home, and keys to hand. */
function person() {
  const { directory, context } = workspace();
  const paths = trustPaths(context.env);
  const key = (name: string, passphrase = "correct horse") => {
    const file = join(directory, name);
    makeTestKey(file, passphrase);
    return { file, publicKey: parsePublicKey(readFileSync(`${file}.pub`, "utf8"), file) };
  };
  const init = async (file: string) => {
    const plan = await planInit(paths, context.env, { principal: ADA, existing: file });
    return await applyInit(paths, context.env, AT_TERMINAL, plan);
  };
  return { directory, context, paths, key, init };
}

async function withAgent(directory: string, keyFile: string): Promise<string> {
  const socket = join(directory, "agent.sock");
  const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
  onTestFinished(() => void agent.kill());
  while (!existsSync(socket)) await new Promise((resolve) => setTimeout(resolve, 20));
  const ask = join(directory, "ask");
  writeFileSync(ask, '#!/bin/sh\necho "correct horse"\n', { mode: 0o755 });
  const env = {
    PATH: process.env.PATH,
    SSH_AUTH_SOCK: socket,
    SSH_ASKPASS: ask,
    SSH_ASKPASS_REQUIRE: "force",
  };
  execFileSync("ssh-add", [keyFile], { env: { ...env, DISPLAY: ":0" }, stdio: "ignore" });
  return socket;
}

describe("an existing key", () => {
  test("with a passphrase is copied, listed and kept; to do it again changes nothing", async () => {
    const { context, paths, key, init } = person();
    const { file, publicKey } = key("mine");
    expect(await planInit(paths, context.env, { principal: ADA, existing: file })).toMatchObject({
      first: true,
      lists: true,
      key: { act: "copy" },
    });
    expect(await init(file)).toEqual(publicKey);
    await requireHumanKey(paths, context);
    const before = readFileSync(paths.allowedSigners, "utf8");
    const again = await planInit(paths, context.env, { principal: ADA, existing: file });
    expect(again).toMatchObject({ first: false, lists: false, key: { act: "keep" } });
    await init(file);
    expect(readFileSync(paths.allowedSigners, "utf8")).toBe(before);
    expect(readFileSync(paths.key)).toEqual(readFileSync(file));
    expect(readdirSync(paths.directory).sort()).toEqual([
      "allowed_signers",
      "approval_key",
      "approval_key.pub",
    ]);
  });

  test.each([
    ["OpenSSH's format", []],
    ["PEM", ["-m", "PEM", "-t", "rsa"]],
    ["PKCS 8", ["-m", "PKCS8", "-t", "rsa"]],
  ])("without a passphrase is refused, in %s", async (_, args) => {
    const { directory, context, paths, init } = person();
    const file = join(directory, "open");
    const type = args.length === 0 ? ["-t", "ed25519"] : args;
    execFileSync("ssh-keygen", ["-q", ...type, "-N", "", "-f", file]);
    await expect(init(file)).rejects.toMatchObject({ code: "trust.key-open" });
    execFileSync("ssh-keygen", [
      "-q",
      "-p",
      "-P",
      "",
      "-N",
      "correct horse",
      ...args.slice(0, 2),
      "-f",
      file,
    ]);
    await init(file);
    expect(existsSync(paths.key)).toBe(true);
    expect(await keyNeedsHuman(paths.key, context.env)).toBe(true);
  });

  test("without a passphrase is no better when its permissions keep ssh-keygen from opening it", async () => {
    const { context, key } = person();
    const { file } = key("open", "");
    chmodSync(file, 0o644);
    expect(await keyNeedsHuman(file, context.env)).toBe(false);
  });

  test("that lost its passphrase, or became another one, while the plan was read is not copied", async () => {
    const { context, paths, key } = person();
    const { file } = key("mine");
    const plan = await planInit(paths, context.env, { principal: ADA, existing: file });
    execFileSync("ssh-keygen", ["-q", "-p", "-P", "correct horse", "-N", "", "-f", file]);
    await expect(applyInit(paths, context.env, AT_TERMINAL, plan)).rejects.toMatchObject({
      code: "trust.key-open",
    });
    writeFileSync(file, readFileSync(key("other").file));
    await expect(applyInit(paths, context.env, AT_TERMINAL, plan)).rejects.toMatchObject({
      code: "trust.changed",
    });
    expect(readdirSync(paths.directory)).toEqual([]);
    const missing = planInit(paths, context.env, { principal: ADA, existing: `${file}.not` });
    await expect(missing).rejects.toMatchObject({ code: "file.missing", exit: 3 });
  });

  test("that ssh-agent holds is refused, at init and whenever it would sign", async () => {
    const { directory, context, paths, key, init } = person();
    const { file } = key("mine");
    await init(file);
    const env = { ...context.env, SSH_AUTH_SOCK: await withAgent(directory, file) };
    await requireHumanKey(paths, context);
    await expect(requireHumanKey(paths, { ...context, env })).rejects.toMatchObject({
      code: "trust.key-in-agent",
    });
    expect(await keyNeedsHuman(paths.key, env)).toBe(false);
    await expect(planInit(paths, env, { principal: ADA, existing: file })).rejects.toMatchObject({
      code: "trust.key-in-agent",
    });
    expect((await listTrust(paths, { ...context, env })).own).toMatchObject({ asks: "nobody" });
  });

  test("of which there is only the public half is refused: only ssh-agent could sign with it", async () => {
    const { key, init } = person();
    await expect(init(`${key("mine").file}.pub`)).rejects.toMatchObject({
      code: "trust.key",
      message: expect.stringContaining("ssh-agent"),
    });
  });

  test("in an ssh-agent that does not answer or is not there is no hindrance", async () => {
    const { directory, context, paths, key, init } = person();
    await init(key("mine").file);
    await requireHumanKey(paths, {
      ...context,
      env: { ...context.env, SSH_AUTH_SOCK: join(directory, "nothing") },
    });
    await requireHumanKey(paths, { ...context, env: { ...context.env, SSH_AUTH_SOCK: "" } });
  });
});

describe("a security key", () => {
  test("that wants a touch is taken, one that does not is refused", async () => {
    const { directory, context, paths, init } = person();
    const sk = softwareSecurityKey();
    const file = join(directory, "sk");
    sk.writeHandle(file, 0);
    expect(execFileSync("ssh-keygen", ["-y", "-P", "", "-f", file], { encoding: "utf8" })).toContain(
      "sk-ssh",
    );
    await expect(init(file)).rejects.toMatchObject({ code: "trust.key-no-touch" });
    sk.writeHandle(file, 1);
    await init(file);
    await requireHumanKey(paths, context);
    expect((await listTrust(paths, context)).keys).toMatchObject([{ mine: true, asks: "touch" }]);
  });

  test("signs for nothing unless somebody touched it, though ssh-keygen is content", async () => {
    const { directory, context, paths } = person();
    const sk = softwareSecurityKey();
    addSigner(paths, ADA, sk.publicText);
    const bytes = Buffer.from("a statement\n");
    const check = { bytes, namespace: APPROVAL_NAMESPACE, principal: ADA, ...paths };
    const touched = sk.sign(bytes, APPROVAL_NAMESPACE, 1);
    const untouched = sk.sign(bytes, APPROVAL_NAMESPACE, 0);
    expect(await verifySignature({ ...check, signature: touched }, context.env)).toBe(true);
    const file = join(directory, "signature");
    writeFileSync(file, untouched);
    const args = [
      "-Y",
      "verify",
      "-n",
      APPROVAL_NAMESPACE,
      "-I",
      ADA,
      "-f",
      paths.allowedSigners,
      "-s",
      file,
    ];
    expect(execFileSync("ssh-keygen", args, { input: bytes, encoding: "utf8" })).toContain("Good");
    expect(await verifySignature({ ...check, signature: untouched }, context.env)).toBe(false);
    expect(await verifySignature({ ...check, signature: `${untouched}x` }, context.env)).toBe(false);
  });
});

describe("to add somebody", () => {
  test("lists their key for our namespaces alone, until a day, once; their signature then counts", async () => {
    const { directory, context, paths, key } = person();
    const { file, publicKey } = key("grace");
    const plan = planAdd(paths, { principal: GRACE, key: publicKey }, context.now());
    expect(plan).toMatchObject({
      change: "add",
      line: expect.stringContaining('namespaces="vibeops-approval,'),
    });
    expect(existsSync(paths.allowedSigners)).toBe(false);
    for (let times = 0; times < 2; times += 1) await applyAdd(paths, context, AT_TERMINAL, plan);
    expect(readFileSync(paths.allowedSigners, "utf8")).toBe(`${plan.line}\n`);
    const sign = testSigner(directory, file, "correct horse");
    const bytes = Buffer.from("x");
    const verify = async (principal: string, namespace: string) => {
      const signature = await sign(bytes, namespace);
      return await verifySignature({ bytes, signature, namespace, principal, ...paths }, context.env);
    };
    expect(await verify(GRACE, APPROVAL_NAMESPACE)).toBe(true);
    expect(await verify(ADA, APPROVAL_NAMESPACE)).toBe(false);
    expect(await verify(GRACE, "git")).toBe(false);
    const until = planAdd(paths, { principal: GRACE, key: publicKey, until: "2026-11-20" }, context.now());
    expect(until.change).toBe("replace");
    await applyAdd(paths, context, AT_TERMINAL, until);
    expect(listSigners(paths)).toMatchObject([{ validBefore: new Date("2026-11-21T00:00:00Z") }]);
    expect((await listTrust(paths, context)).keys).toMatchObject([{ until: "2026-11-20", expired: false }]);
    context.setNow("2026-11-21T00:00:00Z");
    expect((await listTrust(paths, context)).keys).toMatchObject([{ until: "2026-11-20", expired: true }]);
  });

  test("whose time is over is listed by hand only, and signs for nothing", async () => {
    const { directory, context, paths, key } = person();
    const { file, publicKey } = key("grace");
    addSigner(paths, GRACE, `${publicKey.keyType} ${publicKey.blob}`, "2020-01-01");
    const bytes = Buffer.from("x");
    const signature = await testSigner(directory, file, "correct horse")(bytes, APPROVAL_NAMESPACE);
    const check = { bytes, signature, namespace: APPROVAL_NAMESPACE, principal: GRACE, ...paths };
    expect(await verifySignature(check, context.env)).toBe(false);
  });

  test("is refused for a pattern, a day that is none or over, somebody else's key and a revoked one", async () => {
    const { context, paths, key } = person();
    const { publicKey } = key("grace");
    const plan = (principal: string, until?: string) => () =>
      planAdd(paths, { principal, key: publicKey, ...(until === undefined ? {} : { until }) }, context.now());
    for (const name of ["*", "*@example.com", "grace", "a@b,c@d", "!a@b", "a b@c", ""])
      expect(plan(name), name).toThrow(expect.objectContaining({ code: "trust.principal" }) as Error);
    for (const until of ["2026-11-19", "2027-02-30", "soon", "20270101"])
      expect(plan(GRACE, until), until).toThrow(expect.objectContaining({ code: "trust.until" }) as Error);
    await applyAdd(paths, context, AT_TERMINAL, plan(GRACE)());
    expect(plan(ADA)).toThrow(expect.objectContaining({ code: "trust.key-taken" }) as Error);
    await applyRevoke(paths, context, AT_TERMINAL, planRevoke(paths, GRACE, ""));
    expect(plan(GRACE)).toThrow(expect.objectContaining({ code: "trust.revoked" }) as Error);
  });

  test("by ten at once loses nobody", async () => {
    const { context, paths, key } = person();
    const keys = Array.from({ length: 10 }, (_, i) => key(`key${i}`).publicKey);
    await Promise.all(
      keys.map(async (publicKey, i) => {
        const plan = planAdd(paths, { principal: `p${i}@example.com`, key: publicKey }, context.now());
        await applyAdd(paths, context, AT_TERMINAL, plan);
      }),
    );
    expect(new Set(listSigners(paths).map((signer) => signer.principal)).size).toBe(10);
    expect(readdirSync(paths.directory)).toEqual(["allowed_signers"]);
  });
});

test("a public key is one line of a .pub file, and never a private key", () => {
  const { key } = person();
  const { file } = key("mine");
  const text = readFileSync(`${file}.pub`, "utf8");
  expect(() => parsePublicKey(text + text, "f")).toThrow(/not one OpenSSH public key/);
  expect(() => parsePublicKey(readFileSync(file, "utf8"), "f")).toThrow(/private key, which stays/);
  expect(() => parsePublicKey("", "f")).toThrow(/not one OpenSSH public key/);
});

describe("to revoke", () => {
  test("by name or fingerprint: no signature counts any more, the line stays, and twice is once", async () => {
    const { directory, context, paths, key } = person();
    const { file, publicKey } = key("grace");
    const other = key("other").publicKey;
    for (const [name, one] of [
      [GRACE, publicKey],
      [ADA, other],
    ] as const)
      await applyAdd(
        paths,
        context,
        AT_TERMINAL,
        planAdd(paths, { principal: name, key: one }, context.now()),
      );
    const bytes = Buffer.from("x");
    const signature = await testSigner(directory, file, "correct horse")(bytes, APPROVAL_NAMESPACE);
    const check = { bytes, signature, namespace: APPROVAL_NAMESPACE, principal: GRACE, ...paths };
    expect(await verifySignature(check, context.env)).toBe(true);
    const plan = planRevoke(paths, publicKey.fingerprint.slice(0, 20), "lost\nlaptop");
    for (let times = 0; times < 2; times += 1) await applyRevoke(paths, context, AT_TERMINAL, plan);
    expect(await verifySignature(check, context.env)).toBe(false);
    expect(readFileSync(paths.revoked, "utf8")).toBe(
      `ssh-ed25519 ${publicKey.blob} ${GRACE} 2026-11-20 lost laptop\n`,
    );
    expect(listSigners(paths)).toHaveLength(2);
    expect((await listTrust(paths, context)).keys).toMatchObject([
      { principal: GRACE, revoked: true, revocation: `${GRACE} 2026-11-20 lost laptop` },
      { principal: ADA, revoked: false },
    ]);
    expect(planRevoke(paths, GRACE, "")).toMatchObject({ keys: [], already: [{ principal: GRACE }] });
  });

  test("names what it does not know", () => {
    const { paths } = person();
    expect(() => planRevoke(paths, "nobody@example.com", "")).toThrow(
      expect.objectContaining({ code: "trust.unknown", exit: 3 }) as Error,
    );
  });

  test("one's own key makes room for another by the next init", async () => {
    const { context, paths, key, init } = person();
    const old = await init(key("old").file);
    await applyRevoke(paths, context, AT_TERMINAL, planRevoke(paths, ADA, "lost"));
    await expect(requireHumanKey(paths, context)).rejects.toMatchObject({ code: "trust.revoked" });
    const fresh = await init(key("new").file);
    await requireHumanKey(paths, context);
    expect(listSigners(paths).map((one) => one.fingerprint)).toEqual([old.fingerprint, fresh.fingerprint]);
    expect(readdirSync(paths.directory).filter((name) => name.includes(".revoked-"))).toHaveLength(2);
  });
});

describe("the first key on an account", () => {
  test("is offered only where there is no trust at all", async () => {
    const { context, paths, key, init } = person();
    expect(await planFirstKey(paths, context, ADA)).toMatchObject({ first: true, key: { act: "make" } });
    await init(key("mine").file);
    expect(await planFirstKey(paths, context, ADA)).toBeNull();
    await expect(planFirstKey(paths, context, GRACE)).rejects.toMatchObject({
      code: "trust.not-listed",
      fix: `add: --as ${ADA}`,
    });
    unlinkSync(paths.allowedSigners);
    await expect(planFirstKey(paths, context, ADA)).rejects.toMatchObject({
      code: "trust.not-listed",
      fix: `vibeops trust add ${ADA} ${paths.key}.pub`,
    });
  });

  test("is not offered where others are listed", async () => {
    const { context, paths, key } = person();
    const { publicKey } = key("grace");
    addSigner(paths, GRACE, `${publicKey.keyType} ${publicKey.blob}`);
    await expect(planFirstKey(paths, context, ADA)).rejects.toMatchObject({
      code: "trust.key-missing",
      exit: 6,
      fix: "make one: vibeops trust init",
    });
  });

  test("does not become the first where somebody was listed meanwhile", async () => {
    const { context, paths, key } = person();
    const { file } = key("mine");
    const plan = await planInit(paths, context.env, { principal: ADA, existing: file });
    const { publicKey } = key("grace");
    addSigner(paths, GRACE, `${publicKey.keyType} ${publicKey.blob}`);
    await expect(applyInit(paths, context.env, AT_TERMINAL, plan)).rejects.toMatchObject({
      code: "trust.changed",
    });
    expect(existsSync(paths.key)).toBe(false);
  });
});

test("an init that was cut off after the key was placed is finished by the next one", async () => {
  const { context, paths, key, init } = person();
  const { file } = key("mine");
  mkdirSync(paths.directory, { recursive: true, mode: 0o700 });
  writeFileSync(`${paths.key}.pub`, readFileSync(`${file}.pub`));
  expect(await planInit(paths, context.env, { principal: ADA })).toMatchObject({ key: { act: "make" } });
  writeFileSync(paths.key, readFileSync(file), { mode: 0o600 });
  await expect(requireHumanKey(paths, context)).rejects.toMatchObject({ code: "trust.not-listed" });
  expect(await planInit(paths, context.env, { principal: ADA })).toMatchObject({
    key: { act: "keep" },
    lists: true,
  });
  await init(file);
  await requireHumanKey(paths, context);
});

test.each([
  ["without a terminal", { terminal: false }, {}, "human.terminal"],
  ["in an agent's environment", AT_TERMINAL, { CLAUDECODE: "1" }, "human.agent"],
])("nobody is trusted or revoked %s", async (_, facts, extra, code) => {
  const { context, paths, key, init } = person();
  await init(key("mine").file);
  const other = { ...context, env: { ...context.env, ...extra } };
  const { publicKey } = key("grace");
  const before = readdirSync(paths.directory).map((name) =>
    readFileSync(join(paths.directory, name), "utf8"),
  );
  const add = planAdd(paths, { principal: GRACE, key: publicKey }, context.now());
  const revoke = planRevoke(paths, ADA, "");
  const plan = await planInit(paths, other.env, { principal: ADA });
  await expect(applyAdd(paths, other, facts, add)).rejects.toMatchObject({ code });
  await expect(applyRevoke(paths, other, facts, revoke)).rejects.toMatchObject({ code });
  await expect(applyInit(paths, other.env, facts, plan)).rejects.toMatchObject({ code });
  const after = readdirSync(paths.directory).map((name) => readFileSync(join(paths.directory, name), "utf8"));
  expect(after).toEqual(before);
});
