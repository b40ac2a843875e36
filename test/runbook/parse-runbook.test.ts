import { describe, expect, test } from "vitest";
import { VibeopsError } from "../../src/errors.ts";
import { compileRunbook } from "../../src/runbook/compile-runbook.ts";
import { fenceDefaults, formatFenceInfo, parseFenceInfo } from "../../src/runbook/fence-info.ts";
import { parseRunbook } from "../../src/runbook/parse-runbook.ts";
import { formatDuration, parseDuration } from "../../src/text/duration.ts";
import fc from "../helpers/property.ts";

const HEAD = `---
id: 20261120T150000Z-m2x9vaq4
title: Deploy shop 1.2.0 to web1
memo: 20261120T143211Z-7k3qfp2m
author: sysadmin@infra
hosts: [web1]
variables:
  VERSION: 1.2.0
files:
  - deploy/shop/compose.yaml   # a comment
---
`;

const BODY = `
## Summary

Two containers.

## Risks

- A short outage
- [ ] Another,
  over two lines

## Open questions

1. Who is on call?

## Before you start

- Look at the backup.

## Steps

### 1. Start the new version

Some prose.

\`\`\`text
sh run host=web1
\`\`\`

\`\`\`sh run host=web1 timeout=5m
docker compose up
\`\`\`

\`\`\`sh check host=web1 expect="say \\"ok\\"" attempts=5 interval=500ms
curl --fail https://shop.example.com/healthz
\`\`\`

\`\`\`\`sh rollback host=web1
cat <<'E'
\`\`\`
E
\`\`\`\`

### 2. Look

\`\`\`sh run host=web1 capture=CONTAINER pattern="[0-9a-f]{12}"
docker ps -q
\`\`\`

No rollback: it only
looks.

## Verification

\`\`\`sh check host=web1
true
\`\`\`

## Rollback

All the way back.
`;

const files = { readFile: () => Buffer.from("services: {}\n") };

function parse(text: string) {
  return parseRunbook(text, "runbook.md");
}

/** The error of a runbook in which `from` is replaced, as `code: the line that it names`. */
function errorOf(from: string, to: string): string {
  const text = HEAD + BODY;
  expect(text).toContain(from);
  try {
    parse(text.replace(from, () => to));
    return "none";
  } catch (error) {
    if (!(error instanceof VibeopsError)) throw error;
    expect(error.file).toBe("runbook.md");
    expect(error.exit).toBe(4);
    expect(error.fix).toBeTruthy();
    const lines = text.replace(from, () => to).split("\n");
    return `${error.code}: ${lines[(error.line ?? 0) - 1]}`;
  }
}

test("a runbook is read with its lists, steps, commands and reasons", () => {
  const runbook = parse(HEAD + BODY);
  expect(runbook).toMatchObject({
    id: "20261120T150000Z-m2x9vaq4",
    hosts: ["web1"],
    variables: { VERSION: "1.2.0" },
    files: ["deploy/shop/compose.yaml"],
    summary: "Two containers.",
    risks: ["A short outage", "Another, over two lines"],
    openQuestions: ["Who is on call?"],
    beforeYouStart: ["Look at the backup."],
    rollbackText: "All the way back.",
  });
  const [first, second] = runbook.steps;
  expect(first).toMatchObject({
    number: 1,
    title: "Start the new version",
    prose: expect.stringContaining("Some prose."),
    run: { hosts: ["web1"], together: false, script: "docker compose up", timeoutMs: 300_000, raw: true },
    checks: [{ expect: 'say "ok"', attempts: 5, intervalMs: 500 }],
    rollback: { script: "cat <<'E'\n```\nE" },
  });
  expect(second).toMatchObject({
    run: { capture: { name: "CONTAINER", pattern: "[0-9a-f]{12}" } },
    rollback: { none: "it only looks." },
    checks: [],
  });
  expect(runbook.verification).toHaveLength(1);
});

describe("every mistake is an error with its place", () => {
  test.each([
    ["approved: true", "memo:", "approved: true\nmemo:", "runbook.header: approved: true"],
    ["a key that is nearly right", "hosts:", "hots:", "runbook.header: hots: [web1]"],
    ["no host", "hosts: [web1]", "hosts: []", "runbook.header: hosts: []"],
    ["a host that is an option", "[web1]", "[-oProxyCommand=x]", "runbook.header: hosts: [-oProxyCommand=x]"],
    ["a variable that the shell obeys", "VERSION:", "PATH:", "runbook.header: variables:"],
    ["a file outside the project", "deploy/shop/compose.yaml", "../../etc/passwd", "runbook.header: files:"],
    [
      "an alias",
      "title: Deploy",
      "title: &a Deploy",
      "runbook.yaml-alias: title: &a Deploy shop 1.2.0 to web1",
    ],
    ["no steps", "## Steps", "## Stages", "runbook.section: ---"],
    ["a step out of order", "### 2. Look", "### 3. Look", "runbook.step: ### 3. Look"],
    ["a heading that is no step", "### 2. Look", "### Look", "runbook.step: ### Look"],
    ["a fence that does not say what it is", "sh run host=web1 timeout=5m", "sh", "runbook.fence: ```sh"],
    [
      "another shell",
      "sh run host=web1 timeout=5m",
      "bash run host=web1",
      "runbook.fence: ```bash run host=web1",
    ],
    [
      "an unknown kind",
      "sh run host=web1 timeout=5m",
      "sh rnu host=web1",
      "runbook.fence: ```sh rnu host=web1",
    ],
    ["no host on a fence", "sh run host=web1 timeout=5m", "sh run", "runbook.fence: ```sh run"],
    [
      "an attribute of another kind",
      "timeout=5m",
      "expect=ok",
      "runbook.fence: ```sh run host=web1 expect=ok",
    ],
    [
      "an attribute twice",
      "timeout=5m",
      "timeout=5m timeout=6m",
      "runbook.fence: ```sh run host=web1 timeout=5m timeout=6m",
    ],
    ["no length of time", "timeout=5m", "timeout=soon", "runbook.fence: ```sh run host=web1 timeout=soon"],
    [
      "an open quote",
      'expect="say \\"ok\\""',
      'expect="say',
      'runbook.fence: ```sh check host=web1 expect="say attempts=5 interval=500ms',
    ],
    ["no pattern", ' pattern="[0-9a-f]{12}"', "", "runbook.fence: ```sh run host=web1 capture=CONTAINER"],
    ["an empty command", "docker compose up", " ", "runbook.fence: ```sh run host=web1 timeout=5m"],
    [
      "a second run in a step",
      "sh rollback host=web1\ncat",
      "sh run host=web1\ncat",
      "runbook.fence: ````sh run host=web1",
    ],
    [
      "a command that nothing would run",
      "Two containers.",
      "```sh run host=web1\nrm -rf /\n```",
      "runbook.fence: ```sh run host=web1",
    ],
    [
      "a command before the first step",
      "### 1. Start",
      "```sh run host=web1\nx\n```\n\n### 1. Start",
      "runbook.fence: ```sh run host=web1",
    ],
    [
      "a command in a list",
      "```sh run host=web1 timeout=5m\ndocker compose up\n```",
      "- ```sh run host=web1\n  x\n  ```",
      "runbook.fence: - ```sh run host=web1",
    ],
    [
      "a run in the verification",
      "sh check host=web1\ntrue",
      "sh run host=web1\ntrue",
      "runbook.fence: ```sh run host=web1",
    ],
    ["two sections of one name", "## Rollback", "## Steps", "runbook.section: ## Steps"],
    [
      "a command in capitals, which is no prose",
      "sh check host=web1 expect",
      "SH check host=web1 expect",
      'runbook.fence: ```SH check host=web1 expect="say \\"ok\\"" attempts=5 interval=500ms',
    ],
    [
      "a shell that nobody thought of",
      "sh run host=web1 timeout=5m",
      "ksh run host=web1",
      "runbook.fence: ```ksh run host=web1",
    ],
    [
      "a command without its language",
      "sh run host=web1 timeout=5m",
      "run host=web1",
      "runbook.fence: ```run host=web1",
    ],
    [
      "an action in a quotation",
      "### 2. Look",
      "### 2. Look\n\n> ```yaml action\n> use: wait\n> host: web1\n> with: { seconds: 1 }\n> ```",
      "runbook.fence: > ```yaml action",
    ],
    [
      "an action in a list",
      "### 2. Look",
      "### 2. Look\n\n- ```yaml action\n  use: wait\n  host: web1\n  with: { seconds: 1 }\n  ```",
      "runbook.fence: - ```yaml action",
    ],
    [
      "an action that is never closed",
      "## Rollback",
      "```yaml action\nuse: http.check\nhost: web1",
      "runbook.fence: ```yaml action",
    ],
    [
      "a word on an action's first line that nobody would read",
      "### 2. Look",
      "### 2. Look\n\n```yaml action host=web2\nuse: wait\nhost: web1\nwith: { seconds: 1 }\n```",
      "runbook.fence: ```yaml action host=web2",
    ],
    [
      "a closing line that only looks like one",
      "docker compose up\n```",
      "docker compose up\n```\u00a0\nrm --recursive /srv\n```\n\n```sh run host=web1\ntrue\n```",
      "runbook.fence: ```sh run host=web1",
    ],
    [
      "a carriage return",
      "docker compose up\n",
      "docker compose up\r\n",
      "runbook.newline: docker compose up\r",
    ],
    ["no front matter", "---\nid", "id", "runbook.fm-missing: id: 20261120T150000Z-m2x9vaq4"],
  ])("%s", (_, from, to, expected) => {
    expect(errorOf(from, to)).toBe(expected);
  });
});

test("a point may stand below its marker, and a line of dashes is none", () => {
  const points = "-\n  Look at the backup.\n\n* * *\n\n- - -\n\n1.\n   Call Ada.\n- [ ] Wait,\n  then look.";
  expect(parse((HEAD + BODY).replace("- Look at the backup.", points)).beforeYouStart).toEqual([
    "Look at the backup.",
    "Call Ada.",
    "Wait, then look.",
  ]);
});

test("a question that somebody ticked is open no more; a point before the start is asked all the same", () => {
  const text = (HEAD + BODY)
    .replace("1. Who is on call?", "- [x] Who is on call? Ada.\n- [ ] Which port?")
    .replace("- Look at the backup.", "- [x] Look at the backup.");
  expect(parse(text)).toMatchObject({
    openQuestions: ["Which port?"],
    beforeYouStart: ["Look at the backup."],
  });
});

test("a byte order mark is named as what it is", () => {
  expect(() => parse(`\uFEFF${HEAD}${BODY}`)).toThrow(
    expect.objectContaining({
      code: "runbook.fm-delimiter",
      line: 1,
      message: "the file begins with a byte order mark (U+FEFF)",
    }),
  );
});

test("front matter in another language is refused before anything reads it", () => {
  expect(() => parse(`---js\n${HEAD.slice(4)}${BODY}`)).toThrow(
    expect.objectContaining({ code: "runbook.fm-language" }),
  );
});

test("what a fence says is read back as it was written", () => {
  const word = fc.string({ unit: fc.constantFrom(..."abc \"\\=é'$()#"), maxLength: 12 });
  const duration = fc.integer({ min: 1, max: 86_400_000 });
  fc.assert(
    fc.property(
      fc.constantFrom("run", "check", "rollback"),
      word,
      duration,
      fc.integer({ min: 1, max: 1000 }),
      fc.uniqueArray(fc.constantFrom("web1", "web2", "db-1"), { minLength: 1 }),
      fc.boolean(),
      (kind, text, ms, attempts, hosts, together) => {
        const defaults = fenceDefaults(kind);
        const info = {
          kind,
          hosts,
          together: together && kind !== "rollback",
          ...defaults,
          timeoutMs: parseDuration(formatDuration(ms)) ?? defaults.timeoutMs,
          ...(kind === "check" ? { attempts, expect: text } : {}),
        } as const;
        expect(parseFenceInfo(formatFenceInfo(info))).toEqual(info);
      },
    ),
  );
});

test("any text is a runbook or an error of ours", () => {
  const pieces = fc.constantFrom(
    HEAD,
    BODY,
    "---\n",
    "```",
    "## Steps\n",
    "### 1. A\n",
    "sh run host=web1\n",
    "\u0000",
    "# x\n",
    "\r\n",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(pieces, fc.string({ maxLength: 8 })), { maxLength: 12 }), (parts) => {
      try {
        parse(parts.join(""));
      } catch (error) {
        expect(error).toBeInstanceOf(VibeopsError);
      }
    }),
    { numRuns: 300 },
  );
});

describe("compile", () => {
  const withAction = (rest: string) =>
    `${HEAD}
## Steps

### 1. Start

Words stay.

\`\`\`yaml action
use: compose.up
host: web1
timeout: 20m
with: { directory: /srv/shop, wait: true }
\`\`\`
${rest}
More words.

## Verification

\`\`\`yaml action
use: http.check
host: web1
with: { url: "https://shop.example.com/healthz", expect: ok }
\`\`\`
`;

  test("writes the commands under each action, keeps every other word, and changes nothing the second time", () => {
    const text = withAction("");
    const compiled = compileRunbook(text, "runbook.md", files);
    const runbook = parse(compiled);
    expect(runbook.steps[0]?.run).toMatchObject({
      script: "docker compose --project-directory /srv/shop up --detach --wait --remove-orphans",
      timeoutMs: 1_200_000,
      raw: false,
    });
    expect(runbook.verification[0]).toMatchObject({ expect: "ok", attempts: 10, raw: false });
    expect(runbook.uncompiled).toEqual([]);
    expect(compiled).toContain("Words stay.");
    expect(compiled).toContain("\nMore words.\n");
    expect(compileRunbook(compiled, "runbook.md", files)).toBe(compiled);
  });

  test("replaces a command that differs where it stands, and leaves further checks alone", () => {
    const compiled = compileRunbook(withAction(""), "runbook.md", files);
    const edited = compiled
      .replace("up --detach --wait --remove-orphans\n", "up; rm -rf /\n")
      .replace("\nMore words.", "\n```sh check host=web1\nmine\n```\n\nMore words.");
    const again = compileRunbook(edited, "runbook.md", files);
    expect(again).not.toContain("rm -rf /");
    expect(again).toContain("```sh check host=web1\nmine\n```");
    expect(parse(again).steps[0]?.checks.map((check) => check.raw)).toEqual([false, true]);
  });

  test("a wrong parameter is an error at the action's line", () => {
    const text = withAction("").replace("directory: /srv/shop", "directory: srv/shop");
    expect(() => compileRunbook(text, "runbook.md", files)).toThrow(
      expect.objectContaining({ code: "action.parameters", file: "runbook.md", line: 19 }),
    );
  });

  test("content with backticks gets a longer fence", () => {
    const text = withAction("")
      .replace("use: compose.up", "use: files.install")
      .replace(
        "with: { directory: /srv/shop, wait: true }",
        "with: { files: [{ source: a.md, destination: /srv/a.md }] }",
      );
    const source = { readFile: () => Buffer.from("````sh run host=web1\nevil\n````\n") };
    const compiled = compileRunbook(text, "runbook.md", source);
    const runbook = parse(compiled);
    expect(runbook.steps[0]?.run?.script).toContain("````sh run host=web1\nevil\n````\n");
    expect(compileRunbook(compiled, "runbook.md", source)).toBe(compiled);
  });
});

test("a command that is set in is refused: what runs would not be the text that is shown", () => {
  const text = `${HEAD}\n## Steps\n\n### 1. Do it\n\n  \`\`\`sh run host=web1\n  echo one\n  \`\`\`\n`;
  expect(() => parseRunbook(text, "runbook.md")).toThrow(/this command is indented/);
});

test("a capture's pattern that could take for ever is none", () => {
  expect(() => parseFenceInfo('sh run host=web1 capture=A pattern="(a)\\\\1"')).toThrow(/may not use/);
  expect(parseFenceInfo('sh run host=web1 capture=A pattern="(a+)+"').capture?.pattern).toBe("(a+)+");
});
