import { type ProcessOptions, startChild } from "./process.ts";
import type { ProcessResult } from "./process-result.ts";

/** One side of a talk with a program. */
export interface Dialogue {
  write(text: string): void;
  /** True once the program's standard output holds `text`; false where it ended, or stayed silent, without it. */
  waitFor(text: string): Promise<boolean>;
}

const SILENCE_MS = 10_000;

/**
 * Runs a program that is told the next thing once it has answered the last. When `talk` returns or throws, the
 * program's standard input ends, and with it the program.
 */
export async function talkToProcess(
  command: string,
  args: readonly string[],
  options: Pick<ProcessOptions, "cwd" | "env" | "timeoutMs">,
  talk: (dialogue: Dialogue) => Promise<void>,
): Promise<ProcessResult> {
  const { child, ended } = startChild(command, args, options, "pipe");
  const waitFor = listenTo(child.stdout);
  const talked = talk({ write: (text) => void child.stdin?.write(text), waitFor });
  const [[talking]] = await Promise.all([
    Promise.allSettled([talked.finally(() => child.stdin?.end())]),
    ended,
  ]);
  if (talking.status === "rejected") throw talking.reason;
  return await ended;
}

function listenTo(output: NodeJS.ReadableStream | null): Dialogue["waitFor"] {
  let heard = "";
  let check = (_isOver: boolean): void => undefined;
  output?.on("data", (chunk: Buffer) => {
    heard += chunk.toString("utf8");
    check(false);
  });
  output?.on("close", () => check(true));
  return async (text) => {
    let timer: NodeJS.Timeout | undefined;
    const heardIt = await new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, SILENCE_MS, false);
      check = (isOver) => {
        if (heard.includes(text)) resolve(true);
        else if (isOver) resolve(false);
      };
      check(false);
    });
    clearTimeout(timer);
    return heardIt;
  };
}
