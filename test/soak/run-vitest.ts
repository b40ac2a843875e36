import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Runs tests at the size that the environment asks for. Returns how many passed. @throws Error where one does not */
export async function runVitest(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "vibeops-soak-"));
  const results = join(folder, "results.json");
  try {
    const options = ["--reporter=json", `--outputFile=${results}`, "--testTimeout=3600000"];
    const child = spawn("npx", ["vitest", "run", ...args, ...options], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "ignore", "inherit"],
    });
    await new Promise((resolve) => child.on("close", resolve));
    const { numPassedTests, numFailedTests, success } = JSON.parse(readFileSync(results, "utf8"));
    if (!success || numPassedTests === 0)
      throw new Error(`${numFailedTests} tests failed, ${numPassedTests} passed`);
    return `${numPassedTests} ${numPassedTests === 1 ? "test" : "tests"} passed`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
