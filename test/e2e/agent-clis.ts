import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Vendor } from "../../src/agent/vendors/vendor.ts";

/** The versions that the facts about hooks are held against; the newest Claude Code asks for Node.js 22. */
const packages: Readonly<Record<Vendor, string>> = {
  claude: "@anthropic-ai/claude-code@2.1.197",
  codex: "@openai/codex@0.169.0",
  gemini: "@google/gemini-cli@0.61.0",
};

const minute = 60_000;

/**
 * The vendor's own program, installed from npm outside the repository, once for all test runs on this machine.
 *
 * @returns its path, or why it cannot be had here
 */
export function installAgentCli(vendor: Vendor): { path: string } | { missing: string } {
  const name = packages[vendor];
  const folder = join(tmpdir(), "vibeops-agent-clis", name.replaceAll(/[^\w.-]+/g, "_"));
  const path = join(folder, "node_modules/.bin", vendor);
  if (existsSync(path)) return { path };
  const making = `${folder}.${process.pid}`;
  try {
    mkdirSync(making, { recursive: true });
    writeFileSync(join(making, "package.json"), '{ "private": true }\n');
    execFileSync("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", name], {
      cwd: making,
      timeout: 3 * minute,
      stdio: ["ignore", "ignore", "pipe"],
    });
    renameSync(making, folder);
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    if (existsSync(path)) return { path };
    return { missing: `${name} cannot be installed: ${String((error as Error).message).split("\n")[0]}` };
  }
  return { path };
}
