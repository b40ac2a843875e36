import { randomBytes } from "node:crypto";
import type { Context } from "../../src/platform/context.ts";

/** A context for tests: a clock that stands still unless told, real chance, and an environment with a home of its own. */
export function testContext(home: string, now: Date = new Date("2026-11-20T14:32:11Z")): Context {
  return {
    env: {
      PATH: process.env.PATH,
      HOME: home,
      LANG: "C.UTF-8",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_AUTHOR_NAME: "Test Person",
      GIT_AUTHOR_EMAIL: "test@example.com",
      GIT_COMMITTER_NAME: "Test Person",
      GIT_COMMITTER_EMAIL: "test@example.com",
    },
    now: () => now,
    randomBytes,
  };
}
