import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { lstatOrNull } from "../platform/files.ts";
import { type ProcessResult, runProcess } from "../platform/process.ts";

/**
 * Signs bytes under a namespace and returns the armored signature. Whoever calls `approve` or `close` passes one
 * in; the gate believes none of them, it verifies what comes out.
 */
export type SignBytes = (bytes: Uint8Array, namespace: string) => Promise<string>;

/** Variables by which ssh-keygen would ask a program, or an agent that asks nobody, in place of the person. */
const WITHOUT_HELPERS = ["SSH_AUTH_SOCK", "SSH_ASKPASS", "SSH_ASKPASS_REQUIRE", "DISPLAY", "WAYLAND_DISPLAY"];

function withoutHelpers(env: Context["env"]): Context["env"] {
  const clean: Record<string, string | undefined> = { ...env, LC_ALL: "C" };
  for (const name of WITHOUT_HELPERS) delete clean[name];
  return clean;
}

export async function sshKeygen(
  args: readonly string[],
  env: Context["env"],
  input?: Uint8Array,
): Promise<ProcessResult> {
  const options = { env: withoutHelpers(env), timeoutMs: 60_000 };
  return await runProcess("ssh-keygen", args, input === undefined ? options : { ...options, input });
}

/** Hands the terminal to ssh-keygen, which asks there by itself. Returns its exit code. */
export async function sshKeygenOnTerminal(args: readonly string[], env: Context["env"]): Promise<number> {
  return (await runProcess("ssh-keygen", args, { env: withoutHelpers(env), inherit: true })).exitCode;
}

/** Signs with a key file; ssh-keygen asks for the passphrase or the touch on the terminal. */
export function terminalSigner(keyFile: string, env: Context["env"]): SignBytes {
  return (bytes, namespace) =>
    inTemporaryFolder(async (folder) => {
      const file = join(folder, "statement");
      writeFileSync(file, bytes, { mode: 0o600 });
      const exitCode = await sshKeygenOnTerminal(["-Y", "sign", "-f", keyFile, "-n", namespace, file], env);
      if (exitCode === 0 && lstatOrNull(`${file}.sig`) !== null) return readFileSync(`${file}.sig`, "utf8");
      throw new VibeopsError({
        code: "sign.failed",
        exit: Exit.humanNeeded,
        message: "nothing was signed: the key was not opened",
        file: keyFile,
        fix: "try again with the key's passphrase",
      });
    });
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
}

/** Whether `ssh-keygen -Y verify` accepts a signature. */
export async function verifySignature(check: Verification, env: Context["env"]): Promise<boolean> {
  return await inTemporaryFolder(async (folder) => {
    const signature = join(folder, "signature");
    writeFileSync(signature, check.signature, { mode: 0o600 });
    const revoked = lstatOrNull(check.revoked) === null ? [] : ["-r", check.revoked];
    const args = ["-Y", "verify", "-n", check.namespace, "-I", check.principal];
    const files = ["-f", check.allowedSigners, "-s", signature, ...revoked];
    const result = await sshKeygen([...args, ...files], env, check.bytes);
    return result.exitCode === 0;
  });
}

async function inTemporaryFolder<T>(act: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "vibeops-sign-"));
  try {
    return await act(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
