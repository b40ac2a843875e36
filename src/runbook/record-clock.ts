import { Exit, VibeopsError } from "../errors.ts";
import { SKEW_MS } from "./evaluate-approval.ts";
import type { Gate } from "./gate.ts";
import type { WalkRecord } from "./record.ts";

/**
 * Refuses what would be dated before the records that it follows from, as after a clock was put back: an audit takes that
 * for something made up, ever after. A walk itself is not refused: it must be able to go on, and back.
 *
 * @throws VibeopsError `record.clock`
 */
export function refuseEarlierClock({ context }: Gate, records: readonly WalkRecord[]): void {
  const now = context.now();
  for (const { id, events } of records) {
    const latest = events
      .map(({ time }) => time)
      .sort()
      .at(-1);
    if (latest === undefined || Date.parse(latest) <= now.getTime() + SKEW_MS) continue;
    throw new VibeopsError({
      code: "record.clock",
      exit: Exit.conflict,
      message: `record ${id} has a line of ${latest}, which is after this machine's time, ${now.toISOString()}`,
      fix: "set the clock; if that line is the one with the wrong time, wait until it is past",
    });
  }
}
