import { describe, expect, it, test } from "vitest";
import { findFlags } from "../../src/text/flags.ts";
import { makeVisible, quoteUntrusted } from "../../src/text/visible.ts";
import { readCorpus } from "../helpers/corpus.ts";
import fc from "../helpers/property.ts";

function kinds(text: string, context: Parameters<typeof findFlags>[1] = "prose"): string[] {
  return [...new Set(findFlags(text, context).map((flag) => flag.kind))];
}

describe("display cases", () => {
  it.each(readCorpus("display"))("$id: $why", ({ text, expected, tags }) => {
    const context = tags.includes("ctx:command") ? "command" : "prose";
    expect(kinds(text, context)).toEqual(expected === "clean" ? [] : [expected.replace("flag:", "")]);
  });
});

test.each([
  ["a low quotation mark, drawn like a comma", "web1\u201aweb2"],
  ["a cedilla, drawn like a comma", "web1\u00b8web2"],
  ["a double bar, drawn like two", "true \u2016 reboot"],
  ["a parallel sign, drawn like two bars", "true \u2225 reboot"],
  ["an ideographic full stop, looked up like a dot", "ssh web1\u3002example\u3002com"],
  ["a half-width one", "ssh web1\uff61example\uff61com"],
  ["a stroke through a letter", "l\u0336s"],
  ["an enclosing mark", "ls\u20dd"],
])("in a command: %s", (_, text) => {
  expect(kinds(text, "command")).toEqual(["confusable"]);
});

test("East Asian points, decomposed letters and keycaps are ordinary in a command", () => {
  for (const text of ["echo 日本語。", "echo 、と", "echo e\u0301cole", "echo 1\ufe0f\u20e3"]) {
    expect(kinds(text, "command")).toEqual([]);
  }
});

test.each([
  ["Russian with one-letter words", "git commit -m 'Исправлена ошибка с кодировкой UTF-8'"],
  ["a first word of one letter", 'git commit -m "С новым годом"'],
  ["words of look-alikes in a Russian sentence", "echo 'дом и сор'"],
  ["a Russian comment", "# это для теста со стенда\nls"],
  ["Greek, whose commonest words look Latin", "echo 'Διόρθωση για το API'"],
  ["Russian typography", "git commit -m 'Исправлено — «тест» № 5'"],
  ["digits beside letters", "cat 'отчёт2026.txt' 'קובץ2' 'ملف1' 'फ़ाइल2'"],
  ["Turkish", "ls 'dışarı'"],
  ["Hindi with visarga and danda", "echo 'यह दुःख है।'"],
  ["Arabic punctuation", "echo 'مرحبا، عالم؛'"],
  ["a Ukrainian apostrophe", "echo 'це пʼять'"],
  ["long vowels in a row", "echo 'すごーーい'"],
  ["a stroke said twice", "echo '一一核对'"],
  ["full-width punctuation in a Chinese sentence", "echo '注意：重启，请等（完成）。'"],
  ["a range in Japanese", "echo '9時〜17時'"],
  ["a point after an ideograph of another plane", "echo '𠮷。'"],
  ["ordinals and degrees", "echo 'nº 5, 1ª, 20℃'"],
])("ordinary in a command: %s", (_, text) => {
  expect(kinds(text, "command")).toEqual([]);
});

test.each([
  ["look-alikes alone, after a string of their alphabet", "echo 'привет'; ср a b"],
  ["behind what could begin a command in a string", "sh -c 'привет; ср a b'"],
  ["as the first word of a string", "sh -c 'ср файл x'"],
  ["in a string that begins in Latin", "sh -c 'scp файл сосо:/x'"],
  ["between escaped quotes", "echo \\'привет сосо:/x\\'"],
  ["outside of quotes", "scp файл сосо:/x"],
  ["before a value", "env ИМЯ=привет ср a"],
  ["a host of look-alikes, one of them rare", "ssh ргоԁ"],
  ["a letter among digits", "nc 1О0"],
  ["a letter drawn like a digit", "nc 1З0"],
  ["strokes in a row", "rm 一一force"],
  ["long marks in a row", "ls ーーall"],
  ["an ideographic zero", "ssh pr〇d"],
  ["letters of South and South-East Asia", "ssh prဝd"],
  ["a conjoining vowel drawn like a dash", "rm ᅳrf"],
  ["a full-width semicolon outside of quotes", "cd 数据；rm -rf x"],
  ["a full-width colon in a Latin string", "echo 'x：y'"],
  ["what normalises to a box's bar", "ls ￨ sh"],
  ["visarga as a colon", "curl httpः//x"],
])("not ordinary in a command: %s", (_, text) => {
  expect(kinds(text, "command")).toEqual(["confusable"]);
});

test("joined emoji without their selectors are ordinary, joiners in what is no emoji are not", () => {
  for (const text of ["👁‍🗨 🏳‍🌈 🏋🏽‍♂", "❤‍🔥👩‍❤‍💋‍👩", "🏳‍🌈🏳‍🌈"]) {
    expect(kinds(text)).toEqual([]);
    expect(makeVisible(text)).toBe(text);
  }
  for (const text of ["😀‍😀", "😀‍👁‍🗨", "👁‍🗨‍😀", "👁‍‍🗨", "👁‍"]) expect(kinds(text)).toEqual(["invisible"]);
});

test("a quotation cannot end itself, nor be cut inside a character", () => {
  expect(quoteUntrusted('x" approved by "ada\\')).toBe('"x\\" approved by \\"ada\\\\"');
  expect(quoteUntrusted(`${"a".repeat(59)}😀b`)).toBe(`"${"a".repeat(59)}…"`);
});

test("what fonts draw as nothing is invisible, whatever Unicode says of it", () => {
  for (const code of [0x13441, 0x13442, 0x16fe4, 0x1d159]) {
    expect(kinds(`a${String.fromCodePoint(code)}b`)).toEqual(["invisible"]);
  }
});

describe("makeVisible", () => {
  it("shows what a terminal would obey, and leaves nothing out", () => {
    expect(makeVisible("a\u001b[31mb\u009bc\u202ed\u200be")).toBe(
      "a⟨U+001B⟩[31mb⟨U+009B⟩c⟨U+202E⟩d⟨U+200B⟩e",
    );
  });

  it("says the same of each character, whether or not another one in the text has to be looked at", () => {
    const differ: string[] = [];
    for (let codePoint = 0; codePoint < 0x3000; codePoint += 1) {
      const text = `a${String.fromCodePoint(codePoint)}b`;
      if (makeVisible(`${text}\u202e`) !== `${makeVisible(text)}⟨U+202E⟩`)
        differ.push(codePoint.toString(16));
    }
    expect(differ).toEqual([]);
  });

  it("keeps line ends as \\n, shows a bare carriage return, and expands tabs", () => {
    expect(makeVisible("a\r\nb\rc\n\td")).toBe("a\nb⟨U+000D⟩c\n        d");
  });

  it("shows line ends too where a single line is asked for", () => {
    expect(makeVisible("a\nb\r\nc", { newlines: false })).toBe("a⟨U+000A⟩b⟨U+000D⟩⟨U+000A⟩c");
  });

  it("leaves ordinary writing alone", () => {
    const ordinary = "Grüße, Привет, 日本語、ﾊﾝｶｸ, می‌خواهم, क्‍ष, 👩‍👩‍👧‍👦 ❤️ 1️⃣ 🏴󠁧󠁢󠁥󠁮󠁧󠁿 🇩🇪 👍🏽 葛󠄀 x²";
    expect(makeVisible(ordinary)).toBe(ordinary);
    expect(kinds(ordinary)).toEqual([]);
  });

  it("never lets a control, bidirectional or separator character through but \\n", () => {
    const obeyed = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}]/u;
    const hostile = fc.oneof(
      fc.integer({ min: 0, max: 0xa0 }).map((code) => String.fromCharCode(code)),
      fc.integer({ min: 0x2000, max: 0x2070 }).map((code) => String.fromCharCode(code)),
      fc.integer({ min: 0xd800, max: 0xdfff }).map((code) => String.fromCharCode(code)),
      fc.integer({ min: 0xe0000, max: 0xe01ef }).map((code) => String.fromCodePoint(code)),
      fc.constantFrom(
        "\u001b[",
        "\u001b]8;;",
        "\r\n",
        "\u200d",
        "\ufe0f",
        "❤",
        "👩",
        "\u0301",
        "क",
        "x",
        "ی",
        "\u200c",
      ),
      fc.string({ unit: "binary", maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 20 }), fc.boolean(), (parts, newlines) => {
        const shown = makeVisible(parts.join(""), { newlines }).replaceAll(newlines ? "\n" : "", "");
        expect(obeyed.test(shown)).toBe(false);
      }),
      { numRuns: Number(process.env.VIBEOPS_FUZZ_RUNS ?? 100_000) },
    );
  }, 600_000);
});

describe("findFlags", () => {
  it("names the character and its place", () => {
    expect(findFlags("one\ntwo\u200b", "prose")).toEqual([
      { kind: "invisible", line: 2, column: 4, what: "U+200B ZERO WIDTH SPACE" },
    ]);
  });

  it("flags every bidirectional control", () => {
    for (const code of [
      0x61c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069,
    ]) {
      expect(kinds(`a${String.fromCodePoint(code)}b`)).toEqual(["bidi"]);
    }
  });

  it.each([
    ["\u00ad", "soft hyphen"],
    ["\u034f", "grapheme joiner"],
    ["\u115f", "Hangul filler"],
    ["\u180e", "Mongolian vowel separator outside Mongolian"],
    ["\u200b", "zero width space"],
    ["\u200c", "non-joiner between Latin letters"],
    ["\u200d", "joiner between Latin letters"],
    ["\u2060", "word joiner"],
    ["\u2064", "invisible plus"],
    ["\u2800", "braille blank outside braille"],
    ["\u3164", "Hangul filler"],
    ["\uffa0", "half-width Hangul filler"],
    ["\ufe0f", "variation selector on a Latin letter"],
    ["\ufff9", "annotation anchor"],
    ["\ufffe", "noncharacter"],
    ["\ud800", "lone surrogate"],
    ["\u{1d173}", "musical format control"],
    ["\u{e0041}", "tag character"],
    ["\u{e0101}", "variation selector supplement"],
  ])("flags %j between letters: %s", (character) => {
    expect(kinds(`a${character}b`)).toEqual(["invisible"]);
  });

  it("flags tag characters that spell words after an emoji that is no flag", () => {
    expect(kinds("👍\u{e0061}\u{e0062}")).toEqual(["invisible"]);
  });

  it("takes a joiner that ends a word after a virama for spelling, once, and not before Latin letters", () => {
    expect(kinds("അവന്\u200d വന്നു, ক্\u200c")).toEqual([]);
    expect(kinds("ന്\u200d\u200d")).toEqual(["invisible"]);
    expect(kinds("ന്\u200dx")).toEqual(["invisible"]);
  });

  it("flags a second variation selector, which carries a message and not a form", () => {
    expect(kinds("❤\ufe0f\ufe0f")).toEqual(["invisible"]);
  });

  it.each([
    ["ls\u00a0-l", "no-break space"],
    ["rm \u2013rf", "en dash"],
    ["rm \u2212rf", "minus sign"],
    ["echo \u201cx\u201d", "curly quotes"],
    ["cat \u2215etc", "division slash"],
    ["cat \u2044etc", "fraction slash"],
    ["a \u01c0 b", "click letter like a bar"],
    ["a\u037e b", "Greek question mark"],
    ["\u0455\u0455\u04bb prod", "a word of Cyrillic look-alikes"],
    ["docker p\u03c5ll", "Greek upsilon"],
    ["\u13df\u13aa t", "Cherokee letters"],
    ["\u{1d5cc}\u{1d5cc}\u{1d5c1}", "mathematical letters"],
    ["g\u0131t", "dotless i"],
    ["g\u0261it", "script g"],
    ["su\u1d05o", "small capital"],
    ["\ufb01le", "ligature"],
    ["ls \u30fcl", "prolonged sound mark as a dash"],
    ["echo \u00b4x\u00b4", "acute accent"],
    ["kill \u2488", "a digit with its full stop"],
    ["ls \u2474", "a digit in parentheses"],
  ])("flags %j in a command: %s", (text) => {
    expect(kinds(text, "command")).toEqual(["confusable"]);
    expect(kinds(text, "prose")).toEqual([]);
  });

  it.each([
    "git commit -m 'Übung für Łódź'",
    "echo привет",
    "echo サーバー",
    "echo 你好",
    "git commit -m 'fix 🚀'",
    "a|b;c && d",
    "echo 'x² + ½, 10³ m³, H₂O'",
    "echo 'Foo™'",
  ])("takes %j for an ordinary command", (text) => {
    expect(kinds(text, "command")).toEqual([]);
  });

  it("flags text behind spaces or empty lines, and not mere white space", () => {
    expect(kinds(`ok${" ".repeat(200)}rm`)).toEqual(["padding"]);
    expect(kinds(`ok${"\t".repeat(200)}rm`, "command")).toEqual(["padding"]);
    expect(kinds(`ok\n${"\n".repeat(60)}rm`)).toEqual(["padding"]);
    expect(kinds(`ok${" ".repeat(200)}\n${"\n".repeat(60)}`)).toEqual([]);
  });

  it("stops at a thousand", () => {
    expect(findFlags("\u200b".repeat(5_000), "prose")).toHaveLength(1_000);
  });
});
