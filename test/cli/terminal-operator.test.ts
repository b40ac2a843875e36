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

test.each([
  [40, undefined, "│ "],
  [40, "web1", "web1 │ "],
])("what a host prints does not begin where vibeops asks, in %i columns", (columns, host, before) => {
  const stdout = new PassThrough({ encoding: "utf8" });
  const io = Object.create(processIo(), {
    stdin: { value: new PassThrough() },
    stdout: { value: stdout },
    columns: { value: columns },
    isInteractive: { value: false },
    hasColour: { value: false },
  });
  const operator = new TerminalOperator(io, "ada@example.com");
  const asks = "Type your passphrase: ";
  const room = columns - `  ${before}`.length;
  operator.output("stdout", `${" ".repeat(room)}${asks}\n${"\u6f22".repeat(30)}${asks}\nshort\n`, host);
  operator.close();
  const rows = String(stdout.read()).trimEnd().split("\n");
  for (const row of rows) {
    expect(row).toMatch(host === undefined ? /^ {2}[│┆] / : /^ {2}web1 [│┆] /);
    expect(
      Array.from(row, (one) => (one === "\u6f22" ? 2 : 1)).reduce<number>((sum, one) => sum + one, 0),
    ).toBeLessThanOrEqual(columns);
  }
  expect(rows.map((row) => row.slice(`  ${before}`.length)).join("")).toContain(asks);
  expect(rows.at(-1)).toBe(`  ${before}short`);
});
