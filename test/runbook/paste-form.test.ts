import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { pasteForm } from "../../src/runbook/paste-form.ts";

/** What comes of a script that is pasted into each of these shells, typed in as a person's terminal does it. */
function paste(script: string): string[] {
  return ["sh", "bash"].map((shell) => {
    const { status, stdout, stderr } = spawnSync(shell, {
      input: `${pasteForm(script)}\n`,
      encoding: "utf8",
      maxBuffer: 1e8,
    });
    return `${status} ${stdout}${stderr}`;
  });
}

test.each([
  ["without tabs", "0123456789 '$x' `y` \\\\ \"z\"\n"],
  ["with tabs", "0123456789\t'$x'\t\\\\\n"],
])("a script that is longer than an argument may be runs whole, %s", (_, line) => {
  const text = line.repeat(15_000);
  expect(paste(`cat <<'END'\n${text}END\nexit 3`)).toEqual([`3 ${text}`, `3 ${text}`]);
});

test("nothing of ours is open in it: no standard input, no other descriptor, no variable", () => {
  const script = [
    'if read -r line; then echo "read $line"; fi',
    "for n in 3 4 5 6 7 8 9; do if (true <&$n) 2>/dev/null; then echo open $n; fi; done",
    "set | grep '^VIBEOPS' || true",
    'echo "$# $-"',
    "umask",
  ].join("\n");
  for (const outcome of paste(script))
    expect(outcome).toMatch(/^0 0 [a-z]*(?:e[a-z]*u|u[a-z]*e)[a-z]*\n0077\n$/);
});

test("the first command that fails ends it, and so does one that uses what nobody set", () => {
  expect(paste("echo a\nfalse\necho b")).toEqual(["1 a\n", "1 a\n"]);
  for (const outcome of paste('echo "$NOBODY_SET_IT"\necho b')) expect(outcome).not.toMatch(/^0|b\n/);
});
