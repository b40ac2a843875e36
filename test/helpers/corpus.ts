import { readFileSync } from "node:fs";

/** One case of `test/fixtures/corpus/`: what comes in, and what is to become of it. */
export interface CorpusCase {
  id: string;
  text: string;
  /** The text as bytes; raw ones where the case says so. */
  bytes: Buffer;
  /** `accept`, `reject:reason`, `flag:kind`, `hit`, `clean`. */
  expected: string;
  why: string;
  tags: string[];
}

type Input = string | { gen: "concat-repeat"; parts: [string, number][] } | { gen: "join"; parts: string[] };

export function readCorpus(name: string): CorpusCase[] {
  const file = new URL(`../fixtures/corpus/${name}.json`, import.meta.url);
  const cases: { id: string; input: Input; expected: string; why: string; tags: string[] }[] = JSON.parse(
    readFileSync(file, "utf8"),
  );
  return cases.map(({ input, ...rest }) => {
    const text = generate(input);
    return {
      ...rest,
      text,
      bytes: Buffer.from(text, rest.tags.includes("latin1-bytes") ? "latin1" : "utf8"),
    };
  });
}

function generate(input: Input): string {
  if (typeof input === "string") return input;
  if (input.gen === "join") return input.parts.join("");
  return input.parts.map(([text, count]) => repeat(text, count)).join("");
}

function repeat(text: string, count: number): string {
  if (!text.includes("{i}")) return text.repeat(count);
  return Array.from({ length: count }, (_, index) => text.replaceAll("{i}", String(index))).join("");
}
