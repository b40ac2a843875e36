import { describe, expect, it } from "vitest";
import { checkMemoFileName, idOfFileName, memoFileName } from "../../src/memo/file-name.ts";
import { readCorpus } from "../helpers/corpus.ts";

const now = new Date("2026-11-21T00:00:00Z");
const id = "20261120T101500Z-a1b2c3d4";

describe("file name cases", () => {
  it.each(readCorpus("filename"))("$id: $why", ({ text, expected }) => {
    expect(checkMemoFileName(text, now) === null ? "accept" : "reject:name").toBe(expected);
  });
});

describe("memoFileName", () => {
  it.each([
    ["Deploy shop 1.2.0", `${id}-deploy-shop-1-2-0.md`],
    ["日本語", `${id}.md`],
    ["../../etc/passwd", `${id}-etc-passwd.md`],
    ["x".repeat(500), `${id}-${"x".repeat(60)}.md`],
  ])("of %j", (subject, name) => {
    expect(memoFileName(id, subject)).toBe(name);
    expect(checkMemoFileName(name, now)).toBeNull();
    expect(idOfFileName(name)).toBe(id);
  });
});

describe("checkMemoFileName", () => {
  it.each([
    [`${id}-A.md`],
    [`${id}-a--b.md`],
    [`${id}-.md`],
    [`${id}-a.md\n`],
    [`${id}-a.MD`],
    [`${id}-${"x".repeat(200)}.md`],
    ["20261123T101500Z-a1b2c3d4.md"],
    ["20260230T101500Z-a1b2c3d4.md"],
    ["20261120T101500Z-a1b2c3do.md"],
  ])("refuses %j", (name) => {
    expect(checkMemoFileName(name, now)).toEqual(expect.any(String));
  });
});
