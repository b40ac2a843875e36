import { describe, expect, test } from "vitest";
import { missingComponents, nameWithMissing } from "../e2e/missing-components.ts";
import { runFaults } from "../soak/faults/run-faults.ts";
import { SCENARIOS } from "../soak/faults/scenarios.ts";

const missing = missingComponents(["tracer"]);

/** A prime, so that the sample walks through kinds of calls and faults. All of them: `npm run soak -- faults`. */
const EVERY = Number(process.env.VIBEOPS_SOAK_EVERY ?? 101);

describe.skipIf(missing.length > 0)(
  nameWithMissing("a command that is killed, or whose system call fails (strace does it)", missing),
  () => {
    test.each(SCENARIOS.map(({ name }) => name))(
      "%s: nothing in part, nothing acknowledged lost, a retry is clean, the person's own work untouched",
      async (name) => {
        const [report] = await runFaults({ every: EVERY, only: [name] });
        expect(report?.problems).toEqual([]);
        expect(report?.hit).toBeGreaterThan(0);
      },
      300_000,
    );
  },
);
