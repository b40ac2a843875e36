import { spawn } from "node:child_process";
import { ComposeError } from "./compose-error.ts";

export interface Outcome {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Runs a program, keeps what it prints and never throws for its exit code. */
export function capture(command: string, args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.on("error", reject);
    child.on("close", (code, signal) =>
      resolve({
        exitCode: code ?? (signal === null ? 1 : 137),
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      }),
    );
  });
}

/** Runs podman and returns its standard output. Throws a ComposeError with podman's words when it fails. */
export async function podman(...args: string[]): Promise<string> {
  const outcome = await capture("podman", args);
  if (outcome.exitCode !== 0) throw new ComposeError(readFailure(outcome.stderr));
  return outcome.stdout;
}

/** Hands this terminal to a program and returns its exit code. */
export function passThrough(command: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: "inherit" });
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => child.kill(signal));
    }
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 137));
  });
}

/** The lines of podman's error output that say what went wrong, in the form of the Docker daemon. */
export function readFailure(stderr: string): string {
  const errors = stderr
    .split("\n")
    .filter((line) => line.startsWith("Error: "))
    .map((line) => line.slice("Error: ".length));
  return `Error response from daemon: ${[...new Set(errors)].join("; ") || stderr.trim()}`;
}
