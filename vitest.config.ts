import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** These take a minute or more each: one that begins last is waited for by everybody. */
const LONGEST = [
  ...["runbook/kill-everywhere", "audit/audit", "e2e/proxies", "memo/faults", "e2e/rollback"],
  ...["runbook/lapse-doors", "e2e/walked-database", "e2e/walked-templates", "e2e/runbook-templates"],
  ...["runbook/ssh", "e2e/main-job", "e2e/host", "cli/doctor", "runbook/walk", "e2e/dockerfile"],
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return at === -1 ? LONGEST.length : at;
    };
    return (await super.sort(files)).toSorted((one, other) => place(one) - place(other));
  }
}

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: "forks",
    isolate: false,
    // Most of the time is spent waiting for git, sshd and containers, so there are more workers than processors.
    maxWorkers: Math.max(4, availableParallelism()),
    sequence: { sequencer: LongestFirst },
    env: { TZ: "UTC" },
  },
});
