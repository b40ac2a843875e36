import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { lstatOrNull } from "../platform/files.ts";
import { type ProcessResult, runProcess } from "../platform/process.ts";
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
  return await runProcess("ssh-keygen", args, { env: withoutHelpers(env), timeoutMs: 60_000, input });
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
  return time === undefined
    ? []
    : ["-O", `verify-time=${time.toISOString().slice(0, 19).replaceAll(/[-:T]/g, "")}`];
}

async function inTemporaryFolder<T>(act: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "vibeops-sign-"));
  try {
    return await act(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
