import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startChild } from "../../src/platform/process.ts";
import { temporaryDirectory } from "../helpers/directory.ts";

test("where a program's output cannot be read, that is an error, told once the program has ended", async () => {
  const done = join(temporaryDirectory(), "done");
  const { child, ended } = startChild(
    "sh",
    ["-c", 'sleep 0.2; : > "$1"', "sh", done],
    { env: { PATH: process.env.PATH } },
    "ignore",
  );
  child.stdout?.destroy(Object.assign(new Error("read EIO"), { code: "EIO" }));
  await expect(ended).rejects.toMatchObject({
    code: "process.output",
    message: "what the program 'sh' printed could not be read (EIO)",
  });
  expect(existsSync(done)).toBe(true);
});
