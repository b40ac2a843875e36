import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { ThreadTask } from "./thread.ts";

/** More of them wait for the disk and for each other. */
const MOST = 8;

/** What a thread says: how far it is, as often as it likes, and its answer. */
type ThreadMessage = { readonly told: unknown } | { readonly answer: unknown };

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
  return Array.from({ length: of - 1 }, (_, i) =>
    startThread<Answer>(script, { job, input: inputOf(i + 1, of) }),
  );
}

/** Starts one thread. What it answers is rejected where it ended early, for whatever reason. */
export async function startThread<Answer>(
  script: string,
  task: ThreadTask,
  onTold: (told: unknown) => void = () => undefined,
): Promise<Answer> {
  const worker = new Worker(script, { workerData: task });
  return await new Promise<Answer>((resolve, reject) => {
    const take = (message: ThreadMessage) =>
      "told" in message ? onTold(message.told) : resolve(message.answer as Answer);
    worker.on("message", take).once("error", reject).once("exit", reject);
  });
}
