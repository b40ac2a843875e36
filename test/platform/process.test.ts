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

test("where a program was not given all of its input, that is an error, whatever it made of the rest", async () => {
  const { child, ended } = startChild("cat", [], { env: { PATH: process.env.PATH } }, "pipe");
  child.stdin?.write("half");
  child.stdin?.destroy(Object.assign(new Error("write ENOSPC"), { code: "ENOSPC" }));
  await expect(ended).rejects.toMatchObject({
    code: "process.input",
    message: "the program 'cat' was not given all of its input (ENOSPC)",
  });
});

test("a program that ends without reading what it is given has ended as it says", async () => {
  const { child, ended } = startChild("sh", ["-c", "exit 3"], { env: { PATH: process.env.PATH } }, "pipe");
  child.stdin?.end("x".repeat(10_000_000));
  expect((await ended).exitCode).toBe(3);
});
