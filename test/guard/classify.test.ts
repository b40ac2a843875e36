import { describe, expect, test } from "vitest";
import { classifyCommand } from "../../src/guard/classify.ts";
import { findFlags } from "../../src/text/flags.ts";
import fc from "../helpers/property.ts";
import { corpusFacts } from "./facts.ts";

const classify = (text: string) => classifyCommand(text, corpusFacts);
const answers = ["local", "live", "opaque", "exfil"];

describe("an answer says what decides", () => {
  test("the line and the word", () => {
    expect(classify("ls\ncd src\nssh prod id\n")).toMatchObject({ answer: "live", line: 3, word: "ssh" });
  });

  test("the outer line, when the command is nested", () => {
    expect(classify("ls\nbash -c 'ls\nssh prod'")).toMatchObject({ answer: "live", line: 2 });
  });

  test("in a sentence that can be shown whatever the command held", () => {
    const parts = fc.constantFrom(
      "ssh ",
      "\u202e",
      "\u001b[31m",
      "echo ",
      "'",
      '"',
      "$(",
      ")",
      "\u200b",
      "é",
      "\n",
      "|",
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 12 }), (pieces) => {
        const { reason, word = "" } = classify(pieces.join(""));
        return (
          findFlags(reason + word, "prose").filter(({ kind }) => /control|bidi|invisible/.test(kind))
            .length === 0
        );
      }),
    );
  });
});

describe("facts decide", () => {
  test("a script runs only where it is allowed", () => {
    expect(classify("npm test").answer).toBe("local");
    expect(classifyCommand("npm test", { hosts: [] }).answer).toBe("opaque");
  });

  test("a cluster or daemon is local only where its context is said to be", () => {
    const facts = { hosts: [], dockerContexts: { lab: "local" as const } };
    expect(classifyCommand("docker --context lab ps", facts).answer).toBe("local");
    expect(classifyCommand("docker --context other ps", facts).answer).toBe("live");
    expect(classifyCommand("kubectl --context kind-dev get pods", facts).answer).toBe("live");
  });

  test("a host of the tier local may be asked, but no session is opened on it", () => {
    const facts = { hosts: [{ name: "lab", tier: "local" as const }] };
    expect(classifyCommand("curl http://lab:3000/", facts).answer).toBe("local");
    expect(classifyCommand("ssh lab id", facts).answer).toBe("live");
  });

  test("the project's folder decides which absolute paths may be written", () => {
    const facts = { hosts: [], projectRoot: "/work/shop" };
    expect(classifyCommand("rm /work/shop/a.txt", facts).answer).toBe("local");
    expect(classifyCommand("rm /work/shop/memos/incoming/a.md", facts).answer).toBe("opaque");
    expect(classifyCommand("rm /work/shop/../other/a.txt", facts).answer).toBe("opaque");
    expect(classifyCommand("cd /work && rm a.txt", facts).answer).toBe("opaque");
  });
});

describe("line ends that shells read differently are refused", () => {
  test.each(["ls \\\r\nssh prod", "cat <<EOF\r\nx\nEOF\nssh prod\r\n"])("%j", (text) => {
    expect(classify(text).answer).not.toBe("local");
  });
});

describe("no input breaks it", () => {
  test("random bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        return answers.includes(classify(Buffer.from(bytes).toString("latin1")).answer);
      }),
      { numRuns: 2_000 },
    );
  });

  test("random pieces of shell", () => {
    const signs = [..."abehxs$(){}[]`'\"\\;&|<>\n-#~*?!=/ "];
    const words =
      "$( <<EOF EOF [[ ]] (( if then fi for in do done case esac f() eval bash -c xargs sed s/a/b/ awk $x x=";
    const piece = fc.constantFrom(...signs, ...words.split(" ").map((word) => `${word} `));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) =>
        answers.includes(classify(pieces.join("")).answer),
      ),
      { numRuns: 3_000 },
    );
  });

  const size = 64 * 1024;
  const fill = (text: string) => text.repeat(Math.floor(size / text.length));
  test.each([
    ["one word", fill("a")],
    ["many words", `ls ${fill("a ")}`.slice(0, size)],
    ["many commands", fill("ls;")],
    ["many pipes", fill("ls|").slice(0, -1)],
    ["many substitutions", `echo ${fill("$(ls)")}`.slice(0, size - 4)],
    ["deep substitutions", fill("$(")],
    ["deep groups", fill("(")],
    ["deep braces", fill("{")],
    ["many variables", fill("x=$x$x;")],
    ["many meanings", `${fill("x=a;x=b;").slice(0, size / 2)}echo ${fill("$x ").slice(0, size / 3)}`],
    [
      "one variable from the other",
      Array.from({ length: 3_000 }, (_, at) => `v${at + 1}=$v${at}$v${at};`).join(""),
    ],
    ["a long sum", `echo $((${fill("1+").slice(0, size - 20)}1))`],
    ["brace expansions", `echo ${fill("{a,b}")}`.slice(0, size)],
    ["quotes", fill("'")],
    ["double quotes", fill('"')],
    ["backticks", fill("`")],
    ["here-documents", fill("<<a\n")],
    ["nested shells", fill("bash -c ")],
    ["wrappers", fill("env ")],
    ["shells for each file", fill("find . -exec ")],
    ["xargs", fill("xargs ")],
    ["a long sed script", `sed '${fill("s/a/b/;")}'`.slice(0, size)],
    ["a long awk program", `awk '${fill("/a/{print $1}")}'`.slice(0, size - 1)],
    ["a long python program", `python3 -c '${fill("print(1);")}'`.slice(0, size - 1)],
    ["a long perl program", `perl -pe '${fill("s/a/b/;")}'`.slice(0, size - 1)],
    ["a long perl print", `perl -e 'print ${fill("1.").slice(64)}x'`],
    ["a short perl print of many parts", `perl -e 'print ${"1.".repeat(900)}x'`],
    ["a long statement", `duckdb -c '${fill("copy ").slice(64)}'`],
    ["a long program for miller", `mlr put '${fill("print ").slice(64)}'`],
    ["a path of brackets", `find . -path '${fill("[").slice(64)}' -delete`],
    ["long compiler flags", `CFLAGS='${fill("-fuse-ld=").slice(64)}' make`],
    ["evals", fill("eval 'ls';")],
    ["subscripts", fill("x='a[$(ls)]';")],
    ["functions", Array.from({ length: 4_000 }, (_, at) => `f${at}(){ ls;};`).join("")],
  ])("%s, 64 KB of it", (_, text) => {
    expect(answers).toContain(classify(text).answer);
  });

  test("more than 64 KB is refused", () => {
    expect(classify(`ls ${"a".repeat(size)}`).answer).toBe("opaque");
  });
});
