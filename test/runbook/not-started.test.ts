import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { InventoryHost } from "../../src/project/inventory.ts";
import { runOnHost } from "../../src/runbook/host.ts";
import { temporaryDirectory } from "../helpers/directory.ts";

const host: InventoryHost = { transport: "local", tier: "local", runtime: "process", directory: "/srv" };

test("a step for which nothing can be put down on this machine did not start, and that is said with the place", async () => {
  const folder = temporaryDirectory();
  vi.stubEnv("TMPDIR", join(folder, "gone"));
  try {
    const result = await runOnHost({
      host,
      identity: { name: "here", resolved: "local", keys: [] },
      bytes: Buffer.from("true\n"),
      timeoutMs: 1000,
      context: { env: { PATH: process.env.PATH, HOME: folder }, now: () => new Date(), randomBytes },
    });
    expect(result).toMatchObject({ state: "not-started", exit: null });
    expect(result.stderr).toContain(`nothing can be written at ${folder}/gone/vibeops-host-…`);
  } finally {
    vi.unstubAllEnvs();
  }
});
