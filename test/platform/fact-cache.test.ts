import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FactCache, stampOf } from "../../src/platform/fact-cache.ts";
import { temporaryDirectory } from "../helpers/directory.ts";

const isText = (value: unknown) => typeof value === "string";
/** Long enough after the files of a test were written. */
const later = { now: () => new Date(Date.now() + 60_000) };

function place() {
  const directory = temporaryDirectory();
  const file = join(directory, "subject");
  const cache = join(directory, "cache/facts.json");
  writeFileSync(file, "one");
  const open = (version = "1", context = later) => new FactCache(cache, version, context);
  const find = (at = open()) => at.find(file, stampOf(file), isText);
  const keep = (at = open()) => {
    at.keep(file, stampOf(file), "a fact");
    at.save({ all: false });
  };
  return { directory, file, cache, open, find, keep };
}

describe("a fact", () => {
  test("holds for the next run while its file stays as it is", () => {
    const { find, keep } = place();
    expect(find()).toBeUndefined();
    keep();
    expect(find()).toBe("a fact");
  });

  test.each<[string, (file: string) => void]>([
    ["written again in place with the same length", (file) => writeFileSync(file, "two")],
    [
      "written again with its old time put back",
      (file) => {
        writeFileSync(file, "two");
        utimesSync(file, 1, 1);
      },
    ],
    [
      "replaced by another file",
      (file) => {
        writeFileSync(`${file}.new`, "one");
        renameSync(`${file}.new`, file);
      },
    ],
    [
      "replaced by a link to the same text",
      (file) => {
        renameSync(file, `${file}.old`);
        symlinkSync(`${file}.old`, file);
      },
    ],
    ["made unreadable", (file) => chmodSync(file, 0)],
  ])("is forgotten when the file is %s", async (_what, change) => {
    const { file, find, keep } = place();
    keep();
    const before = stampOf(file).newest;
    // The file system's clock ticks every few milliseconds.
    while (stampOf(file).newest === before) {
      change(file);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(find()).toBeUndefined();
  });

  test("is not kept about a file that changed just now: a second change would bear the same time", () => {
    const { open, find, keep } = place();
    keep(open("1", { now: () => new Date() }));
    expect(find()).toBeUndefined();
  });

  test("is not believed where it is of another kind, or of another version", () => {
    const { file, open, find, keep } = place();
    keep();
    expect(find(open("2"))).toBeUndefined();
    expect(open().find(file, stampOf(file), (value) => typeof value === "number")).toBeUndefined();
  });

  test("that nobody asked for goes when all that is known was asked for", () => {
    const { file, open, find, keep } = place();
    keep();
    open().save({ all: false });
    expect(find()).toBe("a fact");
    open().save({ all: true });
    expect(find()).toBeUndefined();
    keep();
    const used = open();
    find(used);
    used.save({ all: true });
    expect(stampOf(file).text).not.toBe("-;");
    expect(find()).toBe("a fact");
  });
});

describe("a cache file", () => {
  test.each([
    ["no JSON", "{"],
    ["another document", "[1,2]"],
    ["facts of another form", '{"version":"1","facts":{"/x":5}}'],
    ["facts that are a list", '{"version":"1","facts":[]}'],
    ["nothing", ""],
  ])("that holds %s is no cache, and is written anew", (_what, text) => {
    const { cache, find, keep } = place();
    mkdirSync(join(cache, ".."));
    writeFileSync(cache, text);
    expect(find()).toBeUndefined();
    keep();
    expect(find()).toBe("a fact");
  });

  test("that cannot be written is none", () => {
    const { directory, file } = place();
    const cache = new FactCache(join(file, "below/a/file"), "1", later);
    cache.keep(file, stampOf(file), "a fact");
    expect(() => cache.save({ all: true })).not.toThrow();
    expect(readFileSync(join(directory, "subject"), "utf8")).toBe("one");
  });
});
