import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: "forks",
    // Most of the time is spent waiting for git, sshd and containers, so there are more workers than processors.
    maxWorkers: Math.max(4, availableParallelism()),
    env: { TZ: "UTC" },
  },
});
