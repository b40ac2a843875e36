import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ShownOutput } from "../../src/runbook/shown-output.ts";
import fc from "../helpers/property.ts";

function show(chunks: readonly string[]): string[] {
  const pieces: string[] = [];
  const output = new ShownOutput((text) => pieces.push(text));
  for (const chunk of chunks) output.push(chunk);
  output.end();
  return pieces;
}

/** A text cut at these places. */
function cut(text: string, places: readonly number[]): string[] {
  const sorted = [0, ...places.map((place) => place % (text.length + 1)), text.length].toSorted(
    (a, b) => a - b,
  );
  return sorted.slice(1).map((place, i) => text.slice(sorted[i], place));
}

const TOKEN = `ghp_${"a1B2c3D4".repeat(5)}`;
const places = fc.array(fc.nat(), { maxLength: 12 });

test("wherever the output was cut on its way, no part of a secret is shown", () => {
  const lines = [
    "plain words",
    `a token ${TOKEN} in a line`,
    "DB_PASSWORD=hunter2hunter2",
    `curl -u me:${TOKEN} x`,
  ];
  const text = fc.array(fc.constantFrom(...lines), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(text, places, fc.boolean(), (all, where, newline) => {
      const shown = show(cut(all.join("\n") + (newline ? "\n" : ""), where)).join("");
      expect(shown).not.toContain("a1B2c3D4");
      expect(shown).not.toContain("hunter2");
    }),
  );
});

test("a private key is known as one whichever way its lines come in", () => {
  const folder = mkdtempSync(join(tmpdir(), "vibeops-test-"));
  const file = join(folder, "key");
  execFileSync("ssh-keygen", ["-q", "-t", "rsa", "-b", "4096", "-m", "PEM", "-N", "", "-f", file]);
  const key = readFileSync(file, "utf8");
  rmSync(folder, { recursive: true });
  const body = key.split("\n").slice(1, -2);
  fc.assert(
    fc.property(places, (where) => {
      const shown = show(cut(`before\n${key}after\n`, where)).join("");
      for (const line of body) expect(shown).not.toContain(line);
      expect(shown).toMatch(/^before\n/);
      expect(shown).toMatch(/after\n$/);
    }),
    { numRuns: 50 },
  );
});

test("a secret in a line without end is not shown, wherever the pieces of the line are cut", () => {
  const filler = (length: number) => "x y ".repeat(length / 4);
  fc.assert(
    fc.property(fc.integer({ min: 30_000, max: 80_000 }), places, (length, where) => {
      const shown = show(cut(`${filler(length)} curl -u someone:${TOKEN} ${filler(30_000)}`, where)).join("");
      expect(shown).not.toContain("a1B2c3D4");
      expect(shown).toContain("[redacted");
    }),
    { numRuns: 30 },
  );
});

test("whatever comes, no raw control character but newline reaches the screen", () => {
  const unit = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("\x1b[31m", "\x1b]0;t\x07", "\r\n", "\u202e", "é"),
  );
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 30 }), (chunks) => {
      for (const piece of show(chunks)) expect(piece).not.toMatch(/[^\P{Cc}\n]|\p{Bidi_Control}/u);
    }),
  );
});

test("short output is shown as it is, line by line, and what has no newline at its end too", () => {
  expect(show(["on", "e\ntwo\nth", "ree"])).toEqual(["one\ntwo\n", "three"]);
  expect(show(["crlf\r", "\nend\r\n"]).join("")).toBe("crlf\nend\n");
});

test("of output without end a person is shown the beginning and the end, and told how much is missing", () => {
  const chunk = "y".repeat(65_536);
  const pieces = show([...Array.from({ length: 400 }, () => chunk), "the end\n"]);
  const shown = pieces.join("");
  expect(shown.length).toBeLessThan(300_000);
  expect(shown).toMatch(/characters not shown here …\]\n/);
  expect(shown.endsWith("the end\n")).toBe(true);
  const missing = Number(/\[… (\d+) characters/.exec(shown)?.[1]);
  const notice = pieces.find((piece) => piece.startsWith("[…")) ?? "";
  expect(shown.length - notice.length + missing).toBe(400 * 65_536 + 8);
});

test("the time that a character takes does not grow with the output, newlines or not", () => {
  const counts = { calls: 0 };
  const output = new ShownOutput(() => {
    counts.calls += 1;
  });
  // A quadratic way would copy some 10^12 characters here and not come to an end.
  for (let i = 0; i < 3_000_000; i += 1) output.push("y");
  output.end();
  expect(counts.calls).toBeLessThan(20);
});
