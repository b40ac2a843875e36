import type { LintOptions } from "../../../src/deploy/lint/lint.ts";

export function lintOptions(): LintOptions {
  return { style: false, env: { PATH: process.env.PATH }, now: new Date("2026-11-20T15:00:00Z") };
}
