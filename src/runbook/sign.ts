import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { lstatOrNull } from "../platform/files.ts";
import { runProcess } from "../platform/process.ts";
import type { ProcessResult } from "../platform/process-result.ts";
import { findProgram } from "../platform/program.ts";
import { mapSideBySide } from "../platform/side-by-side.ts";
import { placed } from "../platform/system-error.ts";
import { MINUTE_MS } from "../platform/units-of-time.ts";
import { readSignatureHeader } from "./ssh-key.ts";

/**
 * Signs bytes under a namespace and returns the armored signature. Whoever calls `approve` or `close` passes one
 * in; the gate believes none of them, it verifies what comes out.
 */
export type SignBytes = (bytes: Uint8Array, namespace: string) => Promise<string>;

/** Variables by which ssh-keygen would ask a program, or an agent that asks nobody, in place of the person. */
const HELPERS = [
  "SSH_AUTH_SOCK",
  "SSH_ASKPASS",
  "DISPLAY",
  "WAYLAND_DISPLAY",
  "SSH_SK_HELPER",
  "SSH_PKCS11_HELPER",
];

/** No helper, no translated output, and times in allowed_signers read as UTC wherever we are. */
function withoutHelpers(env: Context["env"]): Context["env"] {
  const clean: Record<string, string | undefined> = {
    ...env,
    LC_ALL: "C",
    TZ: "UTC",
    SSH_ASKPASS_REQUIRE: "never",
  };
  for (const name of HELPERS) delete clean[name];
  return clean;
}

async function sshKeygen(
  args: readonly string[],
  env: Context["env"],
  input: Uint8Array,
): Promise<ProcessResult> {
  return await runProcess("ssh-keygen", args, { env: withoutHelpers(env), timeoutMs: MINUTE_MS, input });
}

/** Hands the terminal to ssh-keygen, which asks there by itself. Returns its exit code. */
export async function sshKeygenOnTerminal(args: readonly string[], env: Context["env"]): Promise<number> {
  return (await runProcess("ssh-keygen", args, { env: withoutHelpers(env), inherit: true })).exitCode;
}

/**
 * Signs with a key file; ssh-keygen asks for the passphrase or the touch on the terminal. The bytes go through a
 * pipe: a file that waits while somebody types could be exchanged for another one.
 */
export function terminalSigner(keyFile: string, env: Context["env"]): SignBytes {
  return async (bytes, namespace) => {
    const args = ["-q", "-Y", "sign", "-f", keyFile, "-n", namespace];
    const options = { env: withoutHelpers(env), input: bytes, inheritError: true };
    const { exitCode, stdout } = await runProcess("ssh-keygen", args, options);
    if (exitCode === 0 && stdout !== "") return stdout;
    throw new VibeopsError({
      code: "sign.failed",
      exit: Exit.humanNeeded,
      message: "nothing was signed: the key was not opened",
      file: keyFile,
      fix: "try again with the key's passphrase",
    });
  };
}

/** Whom a signature is checked against. */
export interface Verification {
  readonly bytes: Uint8Array;
  readonly signature: string;
  readonly namespace: string;
  readonly principal: string;
  readonly allowedSigners: string;
  /** Used where it exists. */
  readonly revoked: string;
  /** Whether the key counted then; now unless told. */
  readonly asOf?: Date;
}

/**
 * Whether `ssh-keygen -Y verify` accepts a signature, and, where it is a security key's, somebody touched it:
 * ssh-keygen does not look at that.
 */
export async function verifySignature(check: Verification, env: Context["env"]): Promise<boolean> {
  const header = readSignatureHeader(check.signature);
  if (header === null || header.touched === false) return false;
  return await inTemporaryFolder(async (folder) => {
    const signature = join(folder, "signature");
    writeFileSync(signature, check.signature, { mode: 0o600 });
    const revoked = lstatOrNull(check.revoked) === null ? [] : ["-r", check.revoked];
    const args = ["-Y", "verify", "-n", check.namespace, "-I", check.principal];
    const files = ["-f", check.allowedSigners, "-s", signature, ...revoked, ...asOf(check.asOf)];
    const result = await sshKeygen([...args, ...files], env, check.bytes);
    return result.exitCode === 0;
  });
}

/** In UTC, as all of ssh-keygen's times are here. */
function asOf(time: Date | undefined): string[] {
  return time === undefined ? [] : ["-O", `verify-time=${verifyTime(time)}`];
}

function verifyTime(time: Date): string {
  return time.toISOString().slice(0, 19).replaceAll(/[-:T]/g, "");
}

/**
 * Takes five words for each signature, the bytes without their last line break and the signature among them, and says of
 * each in turn whether it is good. What the words hold is expanded and never read as shell.
 */
const VERIFY_EACH = `keygen=$1 signers=$2 revoked=$3; shift 3
while [ $# -gt 0 ]; do
  if "$keygen" -Y verify -n "$1" -I "$2" -f "$signers" -s /dev/fd/3 \
    \${revoked:+-r} \${revoked:+"$revoked"} \${3:+-O} \${3:+"verify-time=$3"} <<BYTES 3<<SIGNATURE >/dev/null 2>&1
$4
BYTES
$5
SIGNATURE
  then echo good; else echo bad; fi
  shift 5
done`;

/** Whatever is longer, or no plain text of whole lines, goes the other way: a word is bounded, and encoded. */
const PLAIN_WORD = /^[\n\x20-\x7e]{1,65536}$/;

/** Bytes of words that one shell is given: some systems take a megabyte at most, the environment included. */
const MOST_WORDS = 512 * 1024;

/**
 * As {@link verifySignature} for many signatures against one list, in their order. One shell starts ssh-keygen for many
 * of them: from a small process that costs a fifth of what it costs from ours, and nothing touches the disk.
 */
export async function verifySignatures(
  checks: readonly Verification[],
  lists: Pick<Verification, "allowedSigners" | "revoked">,
  env: Context["env"],
): Promise<boolean[]> {
  const good = new Map<Verification, boolean>();
  for (const some of inShells(checks)) {
    const said = await askShell(
      some.flatMap(({ words }) => words),
      lists,
      env,
    );
    for (const [i, { check }] of some.entries()) good.set(check, said[i] === "good");
  }
  const alone = (check: Verification) => verifySignature({ ...check, ...lists }, env);
  return await mapSideBySide(checks, 1, async (check) => good.get(check) ?? (await alone(check)));
}

async function askShell(
  words: readonly string[],
  { allowedSigners, revoked }: Pick<Verification, "allowedSigners" | "revoked">,
  env: Context["env"],
): Promise<string[]> {
  const list = lstatOrNull(revoked) === null ? "" : revoked;
  const keygen = findProgram("ssh-keygen", env.PATH);
  const args = ["-c", VERIFY_EACH, "sh", keygen, allowedSigners, list, ...words];
  const { stdout } = await runProcess("sh", args, { env: withoutHelpers(env), timeoutMs: 600_000 });
  return stdout.split("\n");
}

interface InShell {
  readonly check: Verification;
  readonly words: readonly string[];
}

/** Those that a shell can look at, as many together as one is given. */
function inShells(checks: readonly Verification[]): InShell[][] {
  const shells: InShell[][] = [];
  let room = 0;
  for (const check of checks) {
    const words = wordsOf(check);
    if (words === null) continue;
    const length = words.reduce((sum, word) => sum + word.length, 0);
    if (length > room) {
      shells.push([]);
      room = MOST_WORDS;
    }
    shells.at(-1)?.push({ check, words });
    room -= length;
  }
  return shells;
}

/** What {@link VERIFY_EACH} is told of a signature; null where it cannot be told. */
function wordsOf({ bytes, signature, principal, namespace, asOf }: Verification): string[] | null {
  const text = Buffer.from(bytes).toString("latin1");
  if (!text.endsWith("\n") || ![text, signature, principal].every((word) => PLAIN_WORD.test(word)))
    return null;
  if (readSignatureHeader(signature)?.touched === false) return null;
  return [namespace, principal, asOf === undefined ? "" : verifyTime(asOf), text.slice(0, -1), signature];
}

async function inTemporaryFolder<T>(act: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "vibeops-sign-"));
  try {
    return await act(folder);
  } catch (error) {
    throw placed(error, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
