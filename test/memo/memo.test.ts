import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { VibeopsError } from "../../src/errors.ts";
import { lintMemo } from "../../src/memo/lint.ts";
import { maxMemoBytes, parseMemo } from "../../src/memo/memo.ts";
import { readCorpus } from "../helpers/corpus.ts";
import fc from "../helpers/property.ts";

const now = new Date("2026-11-21T00:00:00Z");

function read(text: string | Uint8Array) {
  return parseMemo(typeof text === "string" ? Buffer.from(text) : text, { file: "m.md", now });
}

function refusal(text: string | Uint8Array): VibeopsError {
  try {
    read(text);
  } catch (error) {
    if (error instanceof VibeopsError) return error;
    throw error;
  }
  throw new Error("was accepted");
}

function memoWith(lines: readonly string[], body = "hello\n"): string {
  const given = new Set(lines.map((line) => line.split(":", 1)[0]));
  const required = ["id: 20261120T101500Z-a1b2c3d4", "from: api", "to: ops", "subject: restart"];
  const rest = required.filter((line) => !given.has(line.split(":", 1)[0]));
  return `---\n${[...rest, ...lines].join("\n")}\n---\n${body}`;
}

describe("memo cases", () => {
  it.each(readCorpus("memo"))("$id: $why", ({ bytes, expected }) => {
    if (expected.startsWith("reject:")) {
      // Twice: a parser that caches answers differently the second time.
      for (const error of [refusal(bytes), refusal(bytes)]) {
        expect(error.code).toBe(expected.replace("reject:", "memo."));
        expect(error).toMatchObject({ file: "m.md", line: expect.any(Number), fix: expect.any(String) });
      }
      return;
    }
    const memo = read(bytes);
    const flags = lintMemo(memo).map((finding) => finding.rule);
    expect(flags).toEqual(expected === "accept" ? [] : [expected.replace("flag:", "memo.")]);
  });
});

describe("parseMemo", () => {
  it("reads the header, with defaults for what is missing", () => {
    const memo = read(memoWith(["from: developer@shop"], "\n## Context\n"));
    expect(memo).toMatchObject({
      id: "20261120T101500Z-a1b2c3d4",
      from: { role: "developer", project: "shop" },
      to: { project: "ops" },
      date: "2026-11-20T10:15:00Z",
      priority: "normal",
      type: "request",
      subject: "restart",
      body: "## Context\n",
      bodyLine: 8,
    });
    expect(memo.text.slice(memo.bodyStart)).toBe(memo.body);
    expect(memo.thread).toBeUndefined();
  });

  it("reads every optional key", () => {
    const memo = read(
      memoWith([
        "date: 2026-11-20T14:32:11+01:00",
        "priority: urgent",
        "type: incident",
        "thread: 20261119T101500Z-a1b2c3d4",
        "reply-to: 20261119T101500Z-a1b2c3d5",
        "refs: [a, https://b.example/c]",
        "due: 2026-12-01",
        "session: 01",
        "tool: claude",
        "x-cost: 1.50",
      ]),
    );
    expect(memo).toMatchObject({
      date: "2026-11-20T14:32:11+01:00",
      priority: "urgent",
      type: "incident",
      thread: "20261119T101500Z-a1b2c3d4",
      replyTo: "20261119T101500Z-a1b2c3d5",
      refs: ["a", "https://b.example/c"],
      due: "2026-12-01",
      session: "01",
      tool: "claude",
    });
    expect(memo.extra).toEqual(Object.assign(Object.create(null), { "x-cost": "1.50" }));
  });

  it("reads CRLF files", () => {
    const memo = read(memoWith([], "\nline\n").replaceAll("\n", "\r\n"));
    expect(memo).toMatchObject({ subject: "restart", body: "line\r\n" });
  });

  it.each([
    ["priority: asap", "value", 'priority cannot be "asap"', "write one of low, normal, high, urgent"],
    ["priority: hihg", "value", 'priority cannot be "hihg"', "write high"],
    ["prioirty: high", "unknown-key", 'unknown key "prioirty"', "write priority"],
    ["X-a: b", "unknown-key", 'unknown key "X-a"', "delete it, or begin its name with x-"],
    [
      "due: tomorrow",
      "value",
      'due is no date or time: "tomorrow"',
      "write 2026-11-20 or 2026-11-20T14:32:11Z",
    ],
    ["due: 2026-02-30", "value", 'due is no date or time: "2026-02-30"', "write 2026-11-20"],
    ["thread: 7", "id", 'thread is no memo id: "7"', "write the id of a memo"],
    ["subject:", "type", "subject is empty", "write subject: some text"],
    ["refs: [a, {b: c}]", "type", "refs must be text", "write refs: some text"],
    ["x-list: [a]", "type", "x-list must be text", "write x-list: some text"],
    ["subject: |\n  two\n  lines", "control", "subject holds U+000A", "write it on one line"],
    ['x-a: "\\r"', "control", "x-a holds U+000D", "write it on one line"],
    ['x-a: "\\L"', "invisible", "x-a holds the invisible character U+2028", "delete the escape"],
    ["subject: \u3000", "type", "subject is empty", "write subject: some text"],
    ['subject: "\\u202e"', "bidi", "subject holds the bidi character U+202E", "delete the escape"],
    [
      'subject: "a\\u200bb"',
      "invisible",
      "subject holds the invisible character U+200B",
      "delete the escape",
    ],
    [
      'subject: "\\xe2\\x80\\xae\\x9b"',
      "control",
      "subject holds the control character U+0080",
      "delete the escape",
    ],
    ['"\\e[2J": x', "unknown-key", 'unknown key "⟨U+001B⟩[2J"', "delete it, or begin its name with x-"],
    ["to: ../ops", "route", '"../ops" is no address', "write role@project or project"],
    ["to: a@b@c", "route", '"a@b@c" is no address', "write role@project"],
    ["to: OPS", "route", '"OPS" is no address', "lower-case"],
    ["from: -rf", "route", '"-rf" is no address', "write role@project"],
    ["from: a..b", "route", '"a..b" is no address', "write role@project"],
    [
      "id: 20261124T101500Z-a1b2c3d4",
      "id",
      "the id lies more than 48 hours in the future: it says 2026-11-24T10:15:00Z, the clock here says 2026-11-2",
      "see which clock is wrong",
    ],
    ["id: 20261340T101500Z-a1b2c3d4", "id", "the id names a time that does not exist", "let vibeops"],
    ["id: 20261120T101500Z-a1b2c3di", "id", "the id is not a UTC time and eight characters", "let vibeops"],
  ])("refuses %j and says where and how to mend it", (line, reason, message, fix) => {
    const text = memoWith([line]);
    const error = refusal(text);
    expect(error).toMatchObject({
      code: `memo.${reason}`,
      file: "m.md",
      message: expect.stringContaining(message),
      fix: expect.stringContaining(fix),
    });
    expect(error.line).toBe(text.slice(0, text.indexOf(line)).split("\n").length);
  });

  it.each(["id", "from", "to", "subject"])("refuses a memo without %s", (key) => {
    const text = memoWith([]).replace(new RegExp(`^${key}: .*\n`, "m"), "");
    expect(refusal(text)).toMatchObject({ code: "memo.missing-key", message: `the key ${key} is missing` });
  });

  it.each([
    ["\ufeff", "invisible", "save the file as UTF-8 without a byte order mark"],
    ["\r", "control", "delete the character"],
    ["\u2028", "invisible", "delete the character"],
    ["\u202e", "bidi", "delete the character"],
  ])("refuses a file that begins with %j", (character, reason, fix) => {
    expect(refusal(character + memoWith([]))).toMatchObject({ code: `memo.${reason}`, line: 1, fix });
  });

  it("looks at size, then text, then front matter, and names the first that is wrong", () => {
    const large = "a\n".repeat(maxMemoBytes);
    expect(refusal(`---js\n\u001b${large}`).code).toBe("memo.size");
    expect(refusal(Buffer.concat([Buffer.from("---js\n\u001b"), Buffer.from([0xff])])).code).toBe(
      "memo.utf8",
    );
    expect(refusal("---js\n\u001b\n---\n").code).toBe("memo.control");
    expect(refusal("---js\na: [[[[[[[[[[[[[[[[[[[[\n---\n").code).toBe("memo.fm-language");
    expect(refusal(`---\n${"[".repeat(30)}!!x\n---\n`).code).toBe("memo.depth");
  });

  it("accepts 256 KB and not a byte more", () => {
    const head = memoWith([], "");
    const line = `${"x".repeat(99)}\n`;
    const body = line.repeat(Math.ceil(maxMemoBytes / line.length)).slice(0, maxMemoBytes - head.length);
    expect(read(head + body).text).toHaveLength(maxMemoBytes);
    expect(refusal(`${head}${body}x`).code).toBe("memo.size");
  });

  it("answers twice the same, and throws nothing but its own errors, whatever it is given", () => {
    const part = fc.constantFrom(
      ..."---\n|---|\n|\r\n|id: 20261120T101500Z-a1b2c3d4\n|from: a\n|to: b@c\n|subject: |x-a: |: |- |? |[|]|{|}|,|&a |*a |!t |\"|'|\\|\\e|#|%|...|>|@|`|__proto__: |\u001b|\u202e|é|\ud800|\0|\t|  ".split(
        "|",
      ),
      "|\n  ",
    );
    const outcome = (text: string) => {
      try {
        return JSON.stringify(read(text));
      } catch (error) {
        if (error instanceof VibeopsError && error.code.startsWith("memo."))
          return `${error.code} ${error.line}`;
        throw error;
      }
    };
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
        const text = `---\n${parts.join("")}`;
        expect(outcome(text)).toBe(outcome(text));
      }),
      { numRuns: Number(process.env.VIBEOPS_FUZZ_RUNS ?? 5_000) },
    );
  });

  it("loads neither the schema library nor the parsers for our own files", () => {
    const seen = new Set<string>();
    const visit = (file: URL) => {
      if (seen.has(file.href)) return;
      seen.add(file.href);
      for (const [, name = ""] of readFileSync(file, "utf8").matchAll(
        /^import (?!type )[^;]*? from "([^"]+)";/gms,
      )) {
        if (name.startsWith(".")) visit(new URL(name, file));
        else seen.add(name);
      }
    };
    visit(new URL("../../src/memo/memo.ts", import.meta.url));
    expect([...seen].filter((name) => !name.startsWith("file:")).toSorted()).toEqual([
      "gray-matter",
      "js-yaml",
    ]);
  });
});
