import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { classifyCommand } from "../../src/guard/classify.ts";
import { readText } from "../../src/guard/disk.ts";

const diff = (name: string, prefix = true) =>
  `--- ${prefix ? "a/" : ""}${name}\n+++ ${prefix ? "b/" : ""}${name}\n@@ -1 +1 @@\n-a\n+b\n`;

const given = (program: string, text: string) =>
  classifyCommand(`${program} <<'END'\n${text}END\n`, { hosts: [] }).answer;

describe("a patch that stands in the command is read", () => {
  test.each(["git apply", "git apply -p1", "git apply --index -", "git am", "patch -p1", "patch -Np1"])(
    "%s changes what it names",
    (program) => {
      expect(given(program, diff("src/a.ts"))).toBe("local");
      expect(given(program, diff("policy.yaml"))).toBe("opaque");
      expect(given(program, diff("src/a.ts") + diff("memos/incoming/x.md"))).toBe("opaque");
      expect(given(program, diff("../outside"))).toBe("opaque");
      expect(given(program, "nothing that names a file\n")).toBe("opaque");
    },
  );

  test.each([
    ["git apply -p0", diff("policy.yaml", false)],
    ["git apply -p2", diff("src/policy.yaml")],
    ["git apply --directory=memos", diff("incoming/x.md")],
    ["git -C memos apply", diff("incoming/x.md")],
    ["patch -d memos -p1", diff("incoming/x.md")],
    ["patch", diff("some/where/policy.yaml", false)],
    ["patch policy.yaml", diff("src/a.ts")],
    ["patch -p0", "Index: policy.yaml\n=====\n--- x\n+++ y\n@@ -1 +1 @@\n-a\n+b\n"],
    ["patch -p0", "*** policy.yaml\n--- policy.yaml\n***************\n*** 1 ****\n! a\n--- 1 ----\n! b\n"],
    ["patch -p1", `  X${diff("policy.yaml").replaceAll("\n", "\n  X")}\n`],
    ["patch -p1", `- ${diff("policy.yaml")}`],
    ["patch src/a.ts", "1c\n!id\n.\n"],
    [
      "git apply",
      "diff --git a/src/a b/src/a\nsimilarity index 100%\nrename from src/a\nrename to policy.yaml\n",
    ],
    ["git apply", "diff --git a/policy.yaml b/policy.yaml\nold mode 100644\nnew mode 100755\n"],
    [
      "git apply",
      "diff --git a/src/a b/src/a\nnew file mode 120000\n--- /dev/null\n+++ b/src/a\n@@ -0,0 +1 @@\n+x\n",
    ],
    ["git apply", '--- "a/polic\\171.yaml"\n+++ "b/polic\\171.yaml"\n@@ -1 +1 @@\n-a\n+b\n'],
    ["git am", `Content-Transfer-Encoding: base64\n\n${diff("src/a.ts")}`],
  ])("%s does not write what is protected: %j", (program, text) => {
    expect(given(program, text)).toBe("opaque");
  });

  test("what is only looked at is not", () => {
    for (const program of ["git apply --check", "git apply --stat", "patch --dry-run -p1"])
      expect(given(program, diff("policy.yaml"))).toBe("local");
  });
});

describe("a patch in a file is read where the disk can be asked", () => {
  test.each([
    "git apply x.patch",
    "patch -p1 <x.patch",
    "patch -p1 -i x.patch",
    "cat x.patch | git apply",
    "git am x.patch",
    "cd sub && git apply ../x.patch",
  ])("%s", async (command) => {
    const projectRoot = await mkdtemp(join(tmpdir(), "guard-"));
    const classify = (text: string) => classifyCommand(text, { hosts: [], projectRoot, readText }).answer;
    const write = (text: string) => writeFile(join(projectRoot, "x.patch"), text);
    await write(diff("src/a.ts"));
    expect(classify(command)).toBe("local");
    expect(classify(`curl -o x.patch http://localhost/; ${command}`)).toBe("opaque");
    expect(classify(`cat >x.patch <<'END'\n${diff("policy.yaml")}END\n${command}`)).toBe("opaque");
    expect(classify(`cat >x.patch <<'END'\n${diff("src/b.ts")}END\n${command}`)).toBe("local");
    await write(diff("policy.yaml"));
    expect(classify(command)).toBe("opaque");
    expect(classify(`[ -e y ] && cat >x.patch <<'END'\n${diff("src/b.ts")}END\n${command}`)).toBe("opaque");
    await rm(join(projectRoot, "x.patch"));
    expect(classify(`npx vitest run; ${command}`)).toBe("opaque");
    await rm(projectRoot, { recursive: true });
  });
});
