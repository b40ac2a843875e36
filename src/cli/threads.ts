import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { ThreadTask } from "./thread.ts";

/** More of them wait for the disk and for each other. */
const MOST = 8;

/**
 * Starts a thread for each core but the one that we are on, with an input of its own.
 *
 * @param script what a thread runs: bin/thread.js
 */
export function startThreads<Answer>(
  script: string,
  job: ThreadTask["job"],
  inputOf: (thread: number, of: number) => unknown,
): Promise<Answer>[] {
  const of = Math.min(availableParallelism(), MOST);
  return Array.from({ length: of - 1 }, (_, i) => {
    const worker = new Worker(script, {
      workerData: { job, input: inputOf(i + 1, of) } satisfies ThreadTask,
    });
    return new Promise<Answer>((resolve, reject) => {
      worker.once("message", resolve).once("error", reject).once("exit", reject);
    });
  });
}
