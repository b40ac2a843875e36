import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Context } from "../platform/context.ts";
import { lstatOrNull, syncDirectory, writeFileDurably } from "../platform/files.ts";
import { withLock } from "../platform/lock.ts";
import { type HumanFacts, requireHuman } from "./human.ts";
import type { InitPlan, NewKeyType } from "./plan-init.ts";
import { readPrivateKey } from "./private-key.ts";
import { sshKeygenOnTerminal } from "./sign.ts";
import type { PublicKey } from "./ssh-key.ts";
import { addSigner, listSigners, type TrustPaths } from "./trust.ts";
import { trustRefusal } from "./trust-refusal.ts";
import { findWeakness, parsePublicKey, publicHalf, weakKey } from "./weak-key.ts";

/** A key pair on its way into the trust folder. */
interface KeyPair {
  readonly privateBytes: Buffer;
  readonly publicText: string;
}

/**
 * Does what was planned, after a person said yes: makes or copies the key, and lists it. For a new key ssh-keygen
 * itself asks for the passphrase, on the terminal; one that came out without is deleted again. Cut off at any point,
 * it leaves no key or a whole one, and the next init goes on.
 *
 * @throws VibeopsError `human.agent`, `human.terminal`, `trust.key-not-made`, `trust.key-open`, `trust.key-no-touch`,
 * `trust.changed`, `lock.held`
 */
export async function applyInit(
  paths: TrustPaths,
  env: Context["env"],
  facts: HumanFacts,
  plan: InitPlan,
): Promise<PublicKey> {
  requireHuman(env, facts, "decide whom to trust");
  mkdirSync(paths.directory, { recursive: true, mode: 0o700 });
  const pair = await obtainKey(paths, env, plan);
  return await withLock(paths.allowedSigners, () => {
    if (plan.first && listSigners(paths).length > 0) throw changed(paths.allowedSigners);
    if (pair !== null) placeKey(paths, plan, pair);
    const publicText = readFileSync(`${paths.key}.pub`, "utf8");
    if (plan.lists) addSigner(paths, plan.principal, publicText);
    return parsePublicKey(publicText, `${paths.key}.pub`);
  });
}

async function obtainKey(paths: TrustPaths, env: Context["env"], plan: InitPlan): Promise<KeyPair | null> {
  const { key } = plan;
  if (key.act === "make") return await makeKey(paths, key.type, plan.principal, env);
  const { keyType, blob } = key.publicKey;
  const publicText = `${keyType} ${blob} ${plan.principal}\n`;
  if (key.act === "copy") return { privateBytes: await readAgain(env, key), publicText };
  if (lstatOrNull(`${paths.key}.pub`) === null) writeFileDurably(`${paths.key}.pub`, Buffer.from(publicText));
  return null;
}

/** The bytes that are copied are those of the key that was shown, and it still asks a human. */
async function readAgain(env: Context["env"], plan: { from: string; publicKey: PublicKey }): Promise<Buffer> {
  const bytes = readFileSync(plan.from);
  const key = readPrivateKey(bytes.toString("latin1"));
  const publicKey = key === null ? null : publicHalf(plan.from, key);
  if (key === null || publicKey?.fingerprint !== plan.publicKey.fingerprint) throw changed(plan.from);
  const weakness = await findWeakness(key, publicKey, env);
  if (weakness !== null) throw weakKey(plan.from, weakness);
  return bytes;
}

/** The public half first: what has a private half is whole. */
function placeKey(paths: TrustPaths, plan: InitPlan, pair: KeyPair): void {
  if (plan.retires !== null) {
    renameSync(paths.key, plan.retires);
    if (lstatOrNull(`${paths.key}.pub`) !== null) renameSync(`${paths.key}.pub`, `${plan.retires}.pub`);
    syncDirectory(paths.directory);
  }
  if (lstatOrNull(paths.key) !== null) throw changed(paths.key);
  writeFileDurably(`${paths.key}.pub`, Buffer.from(pair.publicText));
  writeFileDurably(paths.key, pair.privateBytes, 0o600);
}

const UNFINISHED = ".new-key-";

/** What an init left that was killed while somebody typed: a key in there may have no passphrase yet. */
function removeUnfinished(paths: TrustPaths): void {
  for (const name of readdirSync(paths.directory)) {
    if (name.startsWith(UNFINISHED)) rmSync(join(paths.directory, name), { recursive: true, force: true });
  }
}

async function makeKey(
  paths: TrustPaths,
  type: NewKeyType,
  principal: string,
  env: Context["env"],
): Promise<KeyPair> {
  removeUnfinished(paths);
  const folder = mkdtempSync(join(paths.directory, UNFINISHED));
  try {
    const file = join(folder, "approval_key");
    const application = type === "ed25519" ? [] : ["-O", "application=ssh:vibeops"];
    const args = ["-q", "-t", type, ...application, "-C", principal, "-f", file];
    const exitCode = await sshKeygenOnTerminal(args, env);
    const made = exitCode === 0 ? lstatOrNull(file) : null;
    const key = made === null ? null : readPrivateKey(readFileSync(file, "latin1"));
    if (key === null) {
      const fix =
        type === "ed25519"
          ? "try again, with a passphrase"
          : "plug the security key in; one that knows no ed25519 takes: --sk ecdsa-sk";
      throw trustRefusal("key-not-made", paths.key, "ssh-keygen made no key", fix);
    }
    const weakness = await findWeakness(key, key.publicKey, env);
    if (weakness === "open") {
      const message =
        "the new key opens without a passphrase, so a program could approve with it; it was not kept";
      throw trustRefusal("key-open", paths.key, message, "run the command again and choose a passphrase");
    }
    if (weakness !== null) throw weakKey(paths.key, weakness);
    return { privateBytes: readFileSync(file), publicText: readFileSync(`${file}.pub`, "utf8") };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function changed(file: string) {
  const message = "somebody else changed this while you were reading";
  return trustRefusal("changed", file, message, "look again: vibeops trust list");
}
