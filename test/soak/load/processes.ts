import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Context } from "../../../src/platform/context.ts";

export interface Started {
  child: ChildProcess;
  /** What it has printed so far, by lines. */
  lines: string[];
  /** Its exit code, or null where a signal ended it. */
  ended: Promise<number | null>;
}

/** Starts a Node program in a process of its own, with the context's environment. */
export function startProgram(file: string, args: readonly string[], context: Context): Started {
  const child = spawn(process.execPath, [file, ...args], {
    env: context.env as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: string[] = [];
  const read = createInterface({ input: child.stdout });
  read.on("line", (line) => lines.push(line));
  const closed = new Promise((resolve) => read.on("close", resolve));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => void closed.then(() => resolve(code)));
  });
  return { child, lines, ended };
}
