import { isUtf8 } from "node:buffer";
import { read, writeSync } from "node:fs";
import { answerHook, failClosed, type HookAnswer } from "../agent/vendors/answer-hook.ts";
import { isVendor, vendors } from "../agent/vendors/vendor.ts";

/** For the build, which runs it once so that what V8 compiles is kept. */
export { answerHook };

/** More than any tool writes in one go. */
const mostBytes = 16 * 1024 * 1024;
const patienceMs = 5_000;

/**
 * `vibeops guard --hook VENDOR` by itself, without what other commands load. Sets the exit code: 0 where the answer
 * stands on standard output or there is none, 2 where nothing could be judged.
 */
export async function main(vendor: string): Promise<void> {
  const tooLate = setTimeout(giveUp, patienceMs);
  let answer: HookAnswer;
  try {
    if (!isVendor(vendor)) throw new Error(`--hook takes one of ${vendors.join(", ")}`);
    const text = await readInput();
    answer = await answerHook(vendor, text, { env: process.env, cwd: process.cwd() });
  } catch (error) {
    answer = failClosed(error);
  }
  clearTimeout(tooLate);
  if (answer.stderr !== "") writeSync(2, answer.stderr);
  if (answer.stdout !== "") writeSync(1, answer.stdout);
  process.exitCode = answer.exit;
}

/** By the descriptor: `process.stdin` takes longer to open than a command takes to judge. */
async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for (;;) {
    const chunk = await readChunk();
    if (chunk === null) return decode(Buffer.concat(chunks));
    length += chunk.length;
    if (length > mostBytes) throw new Error(`what the hook was sent is longer than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
}

/** Null at the end. */
function readChunk(): Promise<Buffer | null> {
  const buffer = Buffer.allocUnsafe(65_536);
  return new Promise((resolve, reject) => {
    const settle = (error: NodeJS.ErrnoException | null, count: number) => {
      if (error === null) resolve(count === 0 ? null : buffer.subarray(0, count));
      else if (error.code === "EOF") resolve(null);
      else if (error.code === "EAGAIN") setTimeout(take, 5);
      else reject(error);
    };
    const take = () => read(0, buffer, 0, buffer.length, null, settle);
    take();
  });
}

function decode(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  throw new Error("what the hook was sent is not text in UTF-8");
}

/** A read that hangs cannot be called off, and the program cannot end before it: only a signal ends both. */
function giveUp(): void {
  writeSync(2, failClosed(new Error(`the hook was sent nothing whole within ${patienceMs / 1000} s`)).stderr);
  process.kill(process.pid, "SIGKILL");
}
