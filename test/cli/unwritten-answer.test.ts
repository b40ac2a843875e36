import { spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { shopAndInfra } from "../helpers/workspace.ts";

const PROGRAM = resolve("bin/vibeops.js");
const FULL = "/dev/full";

/** A project, and the program with a standard output that takes nothing. */
function place() {
  const { shop, infra, context } = shopAndInfra();
  const run = (...argv: string[]) => {
    const full = openSync(FULL, "w");
    try {
      const options = { cwd: shop.root, env: context.env as NodeJS.ProcessEnv, encoding: "utf8" } as const;
      return spawnSync(process.execPath, [PROGRAM, ...argv], { ...options, stdio: ["ignore", full, "pipe"] });
    } finally {
      closeSync(full);
    }
  };
  return { shop, infra, context, run };
}

describe.skipIf(!existsSync(FULL))("an answer that standard output does not take", () => {
  test.each([[[]], [["--json"]]])("is told, and that the work is done, %j", (more) => {
    const { infra, run } = place();
    const { status, stderr } = run("memo", "new", "Look", "--to", "infra", "--body", "Words.", ...more);
    expect(status).toBe(1);
    expect(stderr).toContain("the answer could not be written to standard output: the disk is full (ENOSPC)");
    expect(stderr).toContain("what the command was to do is done");
    expect(infra.list("memos/incoming")).toHaveLength(1);
  });

  test("of a command that failed leaves its error where a person sees it, and its exit code", () => {
    const { run } = place();
    const { status, stderr } = run("memo", "show", "nowhere", "--json");
    expect(status).toBe(3);
    expect(stderr).toContain("error: no memo has 'nowhere' in its id or name");
    expect(stderr).not.toContain("is done");
  });

  test.each([["--version"], ["--help"]])("is no crash: %s", (flag) => {
    const { status, stderr } = place().run(flag);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: .*could not be written to standard output/);
    expect(stderr).not.toContain("    at ");
  });

  test("is no matter where its reader has left", () => {
    const { shop, infra, context } = place();
    const line = `"$1" "$2" memo new Look --to infra --body Words. | true; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync("bash", ["-c", line, "bash", process.execPath, PROGRAM], {
      cwd: shop.root,
      env: context.env as NodeJS.ProcessEnv,
      encoding: "utf8",
    });
    expect({ stdout, stderr }).toEqual({ stdout: "0\n", stderr: "" });
    expect(infra.list("memos/incoming")).toHaveLength(1);
  });
});
