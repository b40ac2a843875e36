import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { processIo } from "../../src/cli/io.ts";
import { TerminalOperator } from "../../src/cli/runbook/terminal-operator.ts";

test("Enter alone takes what is marked, blanks before it take nothing", async () => {
  const stdin = new PassThrough();
  const stdout = new PassThrough({ encoding: "utf8" });
  const io = Object.create(processIo(), {
    stdin: { value: stdin },
    stdout: { value: stdout },
    isInteractive: { value: false },
    hasColour: { value: false },
  });
  const operator = new TerminalOperator(io, "ada@example.com");
  let shown = "";
  const asked = new Promise<void>((resolve) => {
    stdout.on("data", (text: string) => {
      shown += text;
      if (shown.includes("Type one of: r, s")) resolve();
    });
  });
  const chosen = operator.choose("Run this step?", [
    { value: "run", label: "run", isDefault: true },
    { value: "stop", label: "stop" },
  ]);
  stdin.write("  \n");
  await asked;
  stdin.write("\n");
  expect(await chosen).toBe("run");
  operator.close();
});
