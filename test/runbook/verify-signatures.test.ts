import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Verification, verifySignature, verifySignatures } from "../../src/runbook/sign.ts";
import { temporaryDirectory } from "../helpers/directory.ts";
import { ADA, makeTestKey, testSigner } from "./gate-workspace.ts";
import { softwareSecurityKey } from "./software-security-key.ts";

const NAMESPACE = "vibeops-record";
const env = { PATH: process.env.PATH };

test("many signatures are judged as each by itself, in their order", async () => {
  const folder = temporaryDirectory();
  const key = join(folder, "key");
  makeTestKey(key, "some words");
  const sk = softwareSecurityKey();
  const allowedSigners = join(folder, "signers");
  const revoked = join(folder, "revoked");
  writeFileSync(
    allowedSigners,
    `${ADA} ${readFileSync(`${key}.pub`, "utf8")}sk@example.com ${sk.publicText}`,
  );
  const sign = testSigner(folder, key, "some words");
  const make = async (text: string, more: Partial<Verification> = {}): Promise<Verification> => {
    const bytes = Buffer.from(text);
    const signature = await sign(bytes, NAMESPACE);
    return {
      ...{ bytes, signature, namespace: NAMESPACE, principal: ADA, allowedSigners, revoked },
      ...more,
    };
  };
  const hostile = "$(touch here) `id` \"'\\\n$5\nEND\n";
  const touched = { principal: "sk@example.com", signature: sk.sign(Buffer.from("a\n"), NAMESPACE, 1) };
  const checks = [
    await make("a\n"),
    await make("a\n", { bytes: Buffer.from("b\n") }),
    await make("no line end"),
    await make("two line ends\n\n"),
    await make(hostile),
    await make("café\n"),
    await make("nothing\0\n"),
    await make(`${"long ".repeat(20_000)}\n`),
    await make("a\n", { principal: "bob@example.com" }),
    await make("a\n", { principal: "-f" }),
    await make("a\n", { namespace: "other" }),
    await make("a\n", { signature: "none" }),
    await make("a\n", { asOf: new Date("2026-01-01T00:00:00Z") }),
    await make("a\n", touched),
    await make("a\n", { ...touched, signature: sk.sign(Buffer.from("a\n"), NAMESPACE, 0) }),
  ];
  const each = [];
  for (const check of checks) each.push(await verifySignature(check, env));
  expect(each).toEqual([
    ...[true, false, true, true, true, true, true, true],
    ...[false, false, false, false, true, true, false],
  ]);
  expect(await verifySignatures(checks, { allowedSigners, revoked }, env)).toEqual(each);
  writeFileSync(revoked, readFileSync(`${key}.pub`));
  const after = await verifySignatures(checks, { allowedSigners, revoked }, env);
  expect(after.flatMap((good, i) => (good ? [i] : []))).toEqual([13]);
});

test("however many long texts were signed, no command becomes longer than the system takes", async () => {
  const folder = temporaryDirectory();
  const key = join(folder, "key");
  makeTestKey(key, "some words");
  const allowedSigners = join(folder, "signers");
  writeFileSync(allowedSigners, `${ADA} ${readFileSync(`${key}.pub`, "utf8")}`);
  const bytes = Buffer.from(`${"long ".repeat(12_000)}\n`);
  const signature = await testSigner(folder, key, "some words")(bytes, NAMESPACE);
  const lists = { allowedSigners, revoked: join(folder, "revoked") };
  const good = { bytes, signature, namespace: NAMESPACE, principal: ADA, ...lists };
  const checks = Array.from({ length: 60 }, (_, i) => (i % 7 === 3 ? { ...good, namespace: "other" } : good));
  expect(await verifySignatures(checks, lists, env)).toEqual(checks.map((check) => check === good));
});
