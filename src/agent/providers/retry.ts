import { setTimeout as sleep } from "node:timers/promises";
import { ProviderError } from "./provider-error.ts";

export interface RetryOptions {
  readonly signal?: AbortSignal | undefined;
  /** How often a turn is tried in all. */
  readonly attempts: number;
  /** The first wait, in milliseconds; it doubles each time, with some chance in it. */
  readonly firstWaitMs: number;
  /** Where a server asks for more than this, in milliseconds, waiting is a person's decision. */
  readonly longestWaitMs: number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly onRetry: (error: ProviderError, waitMs: number) => void;
}

/**
 * Tries again what may succeed a little later, after as long as the server asked for.
 *
 * @throws ProviderError the last one; whatever `signal` was aborted with
 */
export async function withRetries<T>(act: () => Promise<T>, options: RetryOptions): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await act();
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!(error instanceof ProviderError) || !error.isPassing || attempt >= options.attempts) throw error;
      const waitMs = error.waitMs ?? backOff(attempt, options);
      if (waitMs > options.longestWaitMs) throw error;
      options.onRetry(error, waitMs);
      await sleep(waitMs, undefined, { signal: options.signal });
    }
  }
}

/** Half of it by chance, so that many who were refused at once do not come back at once. */
function backOff(attempt: number, { firstWaitMs, longestWaitMs, random }: RetryOptions): number {
  const most = Math.min(firstWaitMs * 2 ** (attempt - 1), longestWaitMs);
  return most / 2 + (most / 2) * random();
}
