import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { expect, test } from "vitest";
import { randomBytes, randomSuffix } from "../../src/platform/random-suffix.ts";
import { missingComponents, nameWithMissing } from "../e2e/missing-components.ts";
import { temporaryDirectory } from "../helpers/directory.ts";

test("random bytes are as many as asked, each value among them, and never the same twice", () => {
  for (const count of [0, 1, 8, 33, 65_536]) expect(randomBytes(count)).toHaveLength(count);
  expect(new Set(randomBytes(65_536)).size).toBe(256);
  const suffixes = Array.from({ length: 10_000 }, randomSuffix);
  expect(new Set(suffixes).size).toBe(10_000);
  for (const suffix of suffixes) expect(suffix).toMatch(/^[0-9a-f]{16}$/);
});

const TRACER = "strace";
const missing = missingComponents(["tracer"]);

test.skipIf(missing.length > 0)(
  nameWithMissing("where the system's file cannot be opened, Web Crypto gives them", missing),
  async () => {
    const directory = temporaryDirectory();
    const file = join(directory, "random.mjs");
    const bundle = await rolldown({ input: "src/platform/random-suffix.ts", platform: "node" });
    await bundle.write({ file, format: "esm" });
    await bundle.close();
    const code = `import(${JSON.stringify(file)}).then(({ randomBytes }) => console.log(new Set(randomBytes(65_536)).size))`;
    const trace = join(directory, "trace");
    for (const error of ["ENOENT", "EMFILE", "EIO"]) {
      const fault = ["-P", "/dev/urandom", "-e", `inject=openat:error=${error}`];
      const { stdout } = spawnSync(TRACER, ["-f", "-o", trace, ...fault, process.execPath, "-e", code], {
        encoding: "utf8",
      });
      expect(stdout, error).toBe("256\n");
    }
  },
);
