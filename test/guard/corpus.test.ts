import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { classifyCommand } from "../../src/guard/classify.ts";
import { readCorpus } from "../helpers/corpus.ts";
import { corpusFacts } from "./facts.ts";

function readCommands(name: string): string[] {
  const file = new URL(`../fixtures/guard/${name}.txt`, import.meta.url);
  return readFileSync(file, "utf8").split("\n").filter(Boolean);
}

describe("every case of the command corpus gets its answer", () => {
  // `net` is the network, but no host of ours: reported apart, gated like whatever is not proven local.
  test.each(readCorpus("command"))("$id $expected: $text", ({ text, expected }) => {
    expect(classifyCommand(text, corpusFacts).answer).toBe(expected === "net" ? "opaque" : expected);
  });
});

test.each(readCommands("local"))("an everyday command passes: %s", (command) => {
  expect(classifyCommand(command, corpusFacts)).toMatchObject({ answer: "local" });
});

test.each(readCommands("gated"))("what cannot be proven local is gated: %s", (command) => {
  expect(classifyCommand(command, corpusFacts).answer).not.toBe("local");
});

test.each(readCommands("tamper"))("no shell writes what decides or proves, nor outside: %s", (command) => {
  expect(classifyCommand(command, { hosts: [], projectRoot: "/tmp/work/shop" }).answer).not.toBe("local");
});
