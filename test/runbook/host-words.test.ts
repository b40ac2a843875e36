import { expect, test } from "vitest";
import { GreetingFilter } from "../../src/runbook/host-words.ts";
import fc from "../helpers/property.ts";

const TOKEN = "vibeops-0123456789abcdef";

/** What is passed on as greeting and as the step's own, in the pieces in which it is. */
function part(pieces: readonly string[]): { greeting: string[]; text: string } {
  const greeting: string[] = [];
  let text = "";
  const filter = new GreetingFilter(
    TOKEN,
    (piece) => greeting.push(piece),
    (piece) => {
      text += piece;
    },
  );
  for (const piece of pieces) filter.push(piece);
  filter.end();
  return { greeting, text };
}

/** The text in pieces that end at these places. */
function cutAt(text: string, places: readonly number[]): string[] {
  const ends = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b);
  return [...ends, text.length].map((end, i, all) => text.slice(all[i - 1] ?? 0, end));
}

const printed = fc.array(fc.constantFrom("a", "\n", "\n\n", TOKEN, " begin", "ready", "x".repeat(9000))).map(
  // What is no secret to a host is all but the token on a line of its own.
  (parts) => parts.join("").replaceAll(`${TOKEN} begin`, "other"),
);
const places = fc.array(fc.nat({ max: 40_000 }), { maxLength: 12 });

test("a greeting and the step's output are parted at the marker, however the bytes come in", () => {
  fc.assert(
    fc.property(printed, printed, places, (before, after, cuts) => {
      const { greeting, text } = part(cutAt(`${before}\n${TOKEN} begin\n${after}`, cuts));
      expect(text).toBe(after);
      const lines = before === "" || before.endsWith("\n") ? before : `${before}\n`;
      expect(greeting.join("")).toBe(lines);
    }),
  );
});

test("where the step never begins, all that came is passed on", () => {
  fc.assert(
    fc.property(printed, places, (all, cuts) => {
      expect(part(cutAt(all, cuts))).toMatchObject({ text: "" });
      expect(part(cutAt(all, cuts)).greeting.join("")).toBe(all);
    }),
  );
});

test("a greeting comes by whole lines, so that what is written beside it stands on lines of its own", () => {
  expect(part(["Wel", "come\n", "to web1\n", "\n", `${TOKEN} begin\nits own`])).toEqual({
    greeting: ["Welcome\n", "to web1\n"],
    text: "its own",
  });
});
