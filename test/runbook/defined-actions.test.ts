import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadProject } from "../../src/project/project.ts";
import { compileAction, definitionHash, readDefinedActions } from "../../src/runbook/actions/actions.ts";
import { temporaryDirectory } from "../helpers/directory.ts";

const HEAD = "project: infra\nagents: { sysadmin: { provider: builtin } }\nactions:\n";

function actionsOf(yaml: string) {
  const root = temporaryDirectory();
  writeFileSync(join(root, "vibeops.yaml"), HEAD + yaml.replace(/^(?=.)/gm, "  "));
  return readDefinedActions(loadProject(root));
}

function compile(yaml: string, use: string, parameters: unknown) {
  const source = {
    runbook: "20261120T150000Z-m2x9vaq4",
    readFile: () => Buffer.alloc(0),
    actions: actionsOf(yaml),
  };
  return compileAction({ use, hosts: ["here"], with: parameters }, source);
}

const UPLOAD = `assets.upload:
  description: Copies build artefacts.
  parameters:
    source: { type: string, pattern: '[a-z/. -]+', max_length: 20 }
    speed: { type: number, min: 1, max: 100, default: 10 }
    level: { type: enum, values: [fast, safe], default: safe }
    dry: { type: boolean, default: false }
  run: [rsync, "--bwlimit=\${speed}", "--\${level}", "--dry=\${dry}", "\${source}", /srv/assets]
  check: [test, -d, /srv/assets]
  no_rollback: the next upload replaces it.
`;

test("a project's action compiles its template argument by argument, with defaults and types", () => {
  const compiled = compile(UPLOAD, "assets.upload", { source: "di st", speed: "20", dry: "true" });
  expect(compiled.run?.script).toBe("rsync --bwlimit=20 --safe --dry=true 'di st' /srv/assets");
  expect(compiled.check?.script).toBe("test -d /srv/assets");
  expect(compiled).toMatchObject({
    noRollback: "the next upload replaces it.",
    effect: { run: "host", check: "host" },
  });
});

test.each([
  [{ source: "UP" }, /source must be text like/],
  [{ source: "a".repeat(21) }, /source/],
  [{ source: "a", speed: "101" }, /speed must be a number from 1 to 100/],
  [{ source: "a", speed: "1e9" }, /speed must be a number/],
  [{ source: "a", level: "slow" }, /level must be one of fast, safe/],
  [{ source: "a", dry: "yes" }, /dry/],
  [{}, /source is missing/],
  [{ sorce: "a" }, /unknown key sorce; did you mean source\?/],
  [{ source: "-a" }, /source begins with a dash/],
])("%j is refused, saying why", (parameters, message) => {
  expect(() => compile(UPLOAD, "assets.upload", parameters)).toThrow(message);
});

test("a pattern that tries every way there is keeps nobody waiting", () => {
  const yaml = `my.act:\n  description: x\n  parameters: { p: { type: string, pattern: "(a+)+b" } }\n  check: [ls, "\${p}"]\n`;
  expect(() => compile(yaml, "my.act", { p: `${"a".repeat(900)}!` })).toThrow(/p must be text like/);
  expect(compile(yaml, "my.act", { p: "aab" }).check?.script).toBe("ls aab");
});

test("after -- a value may begin with a dash", () => {
  const yaml = `files.list:\n  description: Lists.\n  parameters: { file: { type: string } }\n  check: [ls, --, "\${file}"]\n`;
  expect(compile(yaml, "files.list", { file: "-a b" }).check?.script).toBe("ls -- '-a b'");
});

test("a parameter that is a file or a variable of awk and sed is no code", () => {
  for (const argv of [
    `[awk, -v, "x=\${p}", "{ print x }", f]`,
    `[awk, "{ print }", "\${p}"]`,
    `[awk, -f, lib.awk, "\${p}"]`,
    `[sed, -n, 1p, "\${p}"]`,
    `[sed, -e, 1p, "\${p}"]`,
  ]) {
    const yaml = `my.act:\n  description: x\n  parameters: { p: { type: string } }\n  check: ${argv}\n`;
    expect(() => compile(yaml, "my.act", { p: "a" })).not.toThrow();
  }
});

test("a -- that another program's name follows ends no options of that program", () => {
  const yaml = `tree.clear:\n  description: Clears.\n  parameters: { path: { type: string }, more: { type: string, default: x } }\n  run: [sudo, --, rm, "\${path}"]\n  check: [ls, --, "\${path}", "\${more}"]\n  no_rollback: none.\n`;
  expect(() => compile(yaml, "tree.clear", { path: "-rf" })).toThrow(/path begins with a dash/);
  expect(compile(yaml, "tree.clear", { path: "/srv/x", more: "-y" }).check?.script).toBe("ls -- /srv/x -y");
});

describe("a definition that is wrong is refused with its line", () => {
  const action = (lines: string) => `my.act:\n  description: Does it.\n${lines.replace(/^(?=.)/gm, "  ")}`;
  const param = "parameters: { p: { type: string } }\n";
  test.each([
    [
      "an unknown key, naming the nearest",
      action("run: [a]\nno_rolback: x\n"),
      7,
      /did you mean no_rollback\?/,
    ],
    [
      "a parameter that is not declared",
      action(`${param}run:\n  - prog\n  - "\${q}"\nno_rollback: x\n`),
      9,
      /uses \$\{q\}/,
    ],
    ["no way back and no reason", action("run: [prog]\n"), 6, /no_rollback/],
    ["both of them", action("run: [prog]\nrollback: [prog]\nno_rollback: x\n"), 6, /either/],
    ["nothing that it does", action("tier: live\n"), 4, /a `run`, a `check` or both/],
    [
      "a shell that is given a parameter as code",
      action(`${param}run: [sh, -c, "echo \${p}"]\nno_rollback: x\n`),
      7,
      /code/,
    ],
    ["the same with a flag behind", action(`${param}run: [sh, -cu, "\${p}"]\nno_rollback: x\n`), 7, /code/],
    [
      "the same with an option between",
      action(`${param}run: [bash, -c, -o, pipefail, +x, "\${p}"]\nno_rollback: x\n`),
      7,
      /code/,
    ],
    ["the same behind --", action(`${param}run: [/bin/sh, -c, --, "\${p}"]\nno_rollback: x\n`), 7, /code/],
    [
      "the same behind another program",
      action(`${param}check: [docker, exec, web, python3, -c, "\${p}"]\n`),
      7,
      /code/,
    ],
    ["the same in one word", action(`${param}check: [perl, "-e\${p}"]\n`), 7, /code/],
    ["the same in one word, in a client", action(`${param}check: [psql, "-c\${p}"]\n`), 7, /code/],
    ["an interpreter with its version", action(`${param}check: [php8.2, -r, "\${p}"]\n`), 7, /code/],
    ["awk, whose first word is code", action(`${param}check: [awk, -F, ":", "\${p}", f]\n`), 7, /code/],
    ["sed, which can run commands", action(`${param}check: [sed, -n, "s|X|\${p}|", f]\n`), 7, /code/],
    ["the same behind -e", action(`${param}check: [sed, -e, "s|X|\${p}|", f]\n`), 7, /code/],
    ["ssh, which hands words to a shell", action(`${param}check: [ssh, web1, ls, "\${p}"]\n`), 7, /code/],
    ["eval as a program", action(`${param}check: [eval, "\${p}"]\n`), 7, /program|code/],
    ["an assignment in place of a program", action("check: ['A=b', ls]\n"), 6, /program/],
    ["a parameter as a program", action(`${param}check: ["\${p}"]\n`), 7, /program/],
    ["a word of the shell's language", action("check: [if, a]\n"), 6, /program/],
    ["a control character", action('check: [ls, "a\\nb"]\n'), 6, /control/],
    [
      "a default with a control character",
      action('parameters: { p: { type: string, default: "a\\0b" } }\ncheck: [ls]\n'),
      6,
      /control/,
    ],
    [
      "a value with a control character",
      action('parameters: { p: { type: enum, values: ["a", "b\\nc"] } }\ncheck: [ls]\n'),
      6,
      /control/,
    ],
    [
      "a default that its pattern refuses",
      action("parameters: { p: { type: string, pattern: 'a+', default: b } }\ncheck: [ls]\n"),
      6,
      /does not fit/,
    ],
    [
      "a pattern that is none",
      action("parameters: { p: { type: string, pattern: '(' } }\ncheck: [ls]\n"),
      6,
      /regular expression/,
    ],
    [
      "a pattern that could take more than linear time",
      action("parameters: { p: { type: string, pattern: '(?=a)a+' } }\ncheck: [ls]\n"),
      6,
      /regular expression/,
    ],
    ["a tier that would lower it", action("check: [ls]\ntier: read\n"), 7, /tier/],
    ["a name without a dot", "act:\n  description: x\n  check: [ls]\n", 4, /two words with a dot/],
    [
      "the name of an action that comes with vibeops",
      "compose.up:\n  description: x\n  check: [ls]\n",
      4,
      /comes with vibeops/,
    ],
  ])("%s", (_, yaml, line, message) => {
    expect(() => actionsOf(yaml)).toThrow(
      expect.objectContaining({ line, message: expect.stringMatching(message) }),
    );
  });
});

test("what an approval holds of a project's action changes with every part of its definition", () => {
  const hashOf = (yaml: string) => actionsOf(yaml).map(definitionHash)[0];
  const variants = [
    UPLOAD,
    UPLOAD.replace("/srv/assets]\n  check", "/srv/other]\n  check"),
    UPLOAD.replace("max: 100", "max: 101"),
    UPLOAD.replace("default: safe", "default: fast"),
    `${UPLOAD}  tier: live\n`,
  ];
  expect(new Set(variants.map(hashOf)).size).toBe(variants.length);
  expect(hashOf(UPLOAD)).toBe(hashOf(UPLOAD));
});
