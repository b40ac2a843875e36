import { quoteCommand } from "../platform/quote.ts";
import { type FindTemplate, render } from "./catalogue.ts";
import type { EnvFile } from "./env-file.ts";

/** A script that only reads: each file is there, closed to others, and has a value for each name. Shows no value. */
export function writeEnvCheck(files: readonly EnvFile[], find: FindTemplate): string {
  const checks = files.map(({ path, required }) => quoteCommand(["check_file", path, ...required]));
  return render(find, "deploy/check-env.sh", { checks }).trimEnd();
}
