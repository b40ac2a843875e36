import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { renderPage, wrapWords } from "../../src/cli/runbook/render-page.ts";
import { sha256 } from "../../src/platform/hash.ts";
import { planDecision } from "../../src/runbook/decide.ts";
import { lintRunbook } from "../../src/runbook/lint-runbook.ts";
import { note, quoted, type ReviewPage } from "../../src/runbook/review-line.ts";
import { loadRunbook } from "../../src/runbook/runbook-folder.ts";
import { makeVisible } from "../../src/text/visible.ts";
import { readCorpus } from "../helpers/corpus.ts";
import fc from "../helpers/property.ts";
import { ADA, type GateWorkspace, gateWorkspace, ID, letterStep, runbookText } from "./gate-workspace.ts";

const DOCUMENT = `runbooks/${ID}/runbook.md`;
const EARLIER = "20261019T150000Z-aaaaaaaa";

async function pagesOf(
  space: GateWorkspace,
  decision: "approve" | "reject" = "approve",
): Promise<readonly ReviewPage[]> {
  const request = { decision, principal: ADA, ...(decision === "reject" ? { reason: "no" } : {}) };
  return (await planDecision(space.gate(), ID, request)).pages;
}

function textOf(pages: readonly ReviewPage[]): string {
  return pages.flatMap((page) => [page.title, ...page.lines.map(({ text }) => text)]).join("\n");
}

function pageText(pages: readonly ReviewPage[], title: RegExp): string {
  const page = pages.find((one) => title.test(one.title));
  return (page?.lines ?? [])
    .map(({ text, gutter }) => (gutter === undefined ? text : `${gutter}|${text}`))
    .join("\n");
}

/** A runbook that says something everywhere where a runbook can. */
function everything(space: GateWorkspace): string {
  return runbookText({
    variables: "{ VERSION: 1.2.0 }",
    files: "[deploy/shop/compose.yaml]",
    steps: `Read this before the first step.

${letterStep(1, space.host, "A")}

\`\`\`text
a plain fence
\`\`\`

- [a link](https://example.com/somewhere)
`,
    verification: 'Wait a little.\n\n```sh check host=here attempts=3 expect=""\ntrue\n```'.replace(
      ' expect=""',
      "",
    ),
  })
    .replace(
      "## Steps",
      "## Risks\n\nProse about a risk.\n\n- a listed risk\n\n## Open questions\n\nIs it true?\n\n## Before you start\n\nMind the gap.\n\n## Something of my own\n\n| a | b |\n|---|---|\n| c | d |\n\n## Steps",
    )
    .concat("\n## Rollback\n\nThe whole way back.\n\n## After all\n\nThe end.\n");
}

test("every line of the runbook stands on the pages, in order and with its number", async () => {
  const space = gateWorkspace();
  space.project.write("deploy/shop/compose.yaml", "services: {}\n");
  space.writeRunbook(everything(space));
  const pages = await pagesOf(space);
  const shown = pages
    .slice(1)
    .filter(({ title }) => !title.startsWith("File ") && !title.startsWith("Changes "))
    .flatMap(({ lines }) => lines)
    .filter(({ gutter }) => gutter !== undefined && /^\d+$/.test(gutter));
  const lines = space.project.read(DOCUMENT).split("\n");
  for (const [i, line] of lines.entries()) {
    if (line.trim() === "") continue;
    expect(shown).toContainEqual({ text: makeVisible(line, { newlines: false }), gutter: String(i + 1) });
  }
});

test("whatever stands in a runbook that can be read: each line of it stands on some page", async () => {
  const space = gateWorkspace();
  const fragments = fc.constantFrom(
    ...[
      "<!-- hidden -->",
      "[text](https://evil.example)",
      "```text\nls\n```",
      "## Risks of mine",
      "#### Deep",
      "Setext\n------",
    ],
    ...[
      "> quote",
      "    code",
      "- [ ] box",
      "<details>\n<summary>x</summary>\ny\n</details>",
      "[a]: https://b.example 'c'",
      "\u200bx",
    ],
    ...[
      "\u202eevil",
      "\u001b[31mred",
      "~~~\nfence\n~~~",
      "| a |\n|---|",
      "1. one\n   two",
      "***",
      "No rollback: none.",
    ],
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fragments, { maxLength: 6 }), fc.nat(3), async (parts, place) => {
      const marks = ["## Summary", "## Steps", "## Verification", "```sh check host=here\ngrep"];
      const text = runbookText({ steps: letterStep(1, space.host, "A") });
      const mark = marks[place] ?? "";
      space.project.write(
        DOCUMENT,
        text.replace(mark, () => `${parts.join("\n\n")}\n\n${mark}`),
      );
      let pages: readonly ReviewPage[];
      try {
        pages = await pagesOf(space, "reject");
      } catch (error) {
        expect((error as { code?: string }).code).toMatch(/^runbook\./);
        return;
      }
      const shown = new Set(pages.flatMap(({ lines }) => lines.map((line) => `${line.gutter}|${line.text}`)));
      const lines = space.project.read(DOCUMENT).split("\n");
      for (const [i, line] of lines.entries()) {
        if (line.trim() === "") continue;
        expect(shown).toContain(`${i + 1}|${makeVisible(line, { newlines: false })}`);
      }
    }),
    { numRuns: 25 },
  );
}, 120_000);

test("what vibeops says of a command stands below its fence: where, how dangerous, how long, and what comes before it", async () => {
  const space = gateWorkspace();
  space.project.write("deploy/shop/compose.yaml", "services: {}\n");
  space.writeRunbook(everything(space));
  const pages = await pagesOf(space);
  expect(pageText(pages, /^Step 1 of 1/)).toMatch(
    /\d+\|```sh run host=here\n {2}run on here \(this machine\)\n {2}tier staging, raw: no action vouches for it; at most 10m\n›\|VERSION='1\.2\.0'\n\d+\|printf A/,
  );
  expect(textOf(pages)).toContain("tier: staging; checks: 1; way back: a command");
});

test("the overview names hosts with their entries, variables, files, rules, risks and open questions", async () => {
  const space = gateWorkspace();
  const file = "services: {}\n";
  space.project.write("deploy/shop/compose.yaml", file);
  space.writeRunbook(everything(space));
  const overview = pageText(await pagesOf(space), /^What you decide on/);
  for (const part of [
    "here (this machine)",
    `"directory":"${space.host}"`,
    "VERSION=1.2.0",
    `deploy/shop/compose.yaml, sha256 ${sha256(file).slice(0, 12)}`,
    "policy.yaml, sha256 absent",
    `inventory.yaml, sha256 ${sha256(space.project.read("inventory.yaml")).slice(0, 12)}`,
    "Open questions: lines",
    "Risks: lines",
    "1. Write A: staging, on here",
  ]) {
    expect(overview).toContain(part);
  }
});

test("flagged characters are listed for whoever rejects a runbook because of them", async () => {
  const space = gateWorkspace();
  const text = runbookText({ steps: letterStep(1, space.host, "A").replace("printf A", "printf \u202eA") });
  space.project.write(DOCUMENT, text);
  expect(pageText(await pagesOf(space, "reject"), /^What you decide on/)).toMatch(
    /Flagged characters:\n {2}line \d+, column 8: U\+202E RIGHT-TO-LEFT OVERRIDE/,
  );
});

test.each(readCorpus("display").filter(({ expected }) => expected !== "clean"))(
  "$id: $why, cannot be approved, and is shown to whoever rejects it",
  async ({ text, expected, tags }) => {
    const space = gateWorkspace();
    const isCommand = tags.includes("ctx:command");
    const document = runbookText({ steps: letterStep(1, space.host, "A") });
    const mark = isCommand ? "printf A" : "What it does.";
    space.project.write(
      DOCUMENT,
      document.replace(mark, () => `${mark} ${text.replace(/\n$/, "")}`),
    );
    const rule = expected.replace("flag:", "runbook.");
    let findings: string[];
    try {
      const gate = space.gate();
      findings = lintRunbook(gate.project, loadRunbook(gate.project, ID).runbook).map((one) => one.rule);
    } catch (error) {
      // A carriage return is refused before anything else is looked at.
      expect((error as { code: string }).code).toBe("runbook.newline");
      return;
    }
    expect(findings).toContain(rule);
    await expect(space.approve()).rejects.toMatchObject({ code: "runbook.findings" });
    const shown = textOf(await pagesOf(space, "reject"));
    expect(shown).not.toMatch(/[^\P{C}\n\p{Cf}\p{Co}\p{Cn}]/u);
  },
);

test("a file is shown from the bytes that were hashed, though it changed on disk in between", async () => {
  const space = gateWorkspace();
  space.project.write("deploy/shop/compose.yaml", "services: {}\n");
  space.writeRunbook(everything(space));
  const plan = await planDecision(space.gate(), ID, { decision: "approve", principal: ADA });
  space.project.write("deploy/shop/compose.yaml", "evil: {}\n");
  expect(Buffer.from(plan.current.files.readFile("deploy/shop/compose.yaml")).toString()).toBe(
    "services: {}\n",
  );
  expect(pageText(plan.pages, /^File /)).toBe(
    `13 bytes, sha256 ${sha256("services: {}\n")}\n\n1|services: {}`,
  );
  expect(plan.statement.files[0]?.sha256).toBe(sha256("services: {}\n"));
});

function withFile(bytes: Buffer | string): GateWorkspace {
  const space = gateWorkspace();
  space.project.write("deploy/shop/file", "");
  writeFileSync(join(space.project.root, "deploy/shop/file"), bytes);
  space.writeRunbook(runbookText({ files: "[deploy/shop/file]", steps: letterStep(1, space.host, "A") }));
  return space;
}

test("a file that is no text is shown byte by byte, so that two that differ never look the same", async () => {
  const one = pageText(await pagesOf(withFile(Buffer.from([0x61, 0xff, 0x0a]))), /^File /);
  const other = pageText(await pagesOf(withFile(Buffer.from([0x61, 0xfe, 0x0a]))), /^File /);
  expect(one).toContain("binary: this is no text\n3 bytes, sha256 ");
  expect(one).toContain("0000|61 ff 0a");
  expect(other).toContain("0000|61 fe 0a");
  expect(one).not.toContain("\ufffd");
});

test("a long file that is no text is named by size and sha256, and lint says that nobody can read it", async () => {
  const bytes = Buffer.alloc(5000, 0xff);
  const space = withFile(bytes);
  expect(pageText(await pagesOf(space), /^File /)).toContain(
    `5000 bytes, sha256 ${sha256(bytes)}\n\ntoo long`,
  );
  const { project } = space.gate();
  const findings = lintRunbook(project, loadRunbook(project, ID).runbook);
  expect(findings).toContainEqual(
    expect.objectContaining({ rule: "runbook.file-binary", level: "warning", file: "deploy/shop/file" }),
  );
});

test.each([
  ["a text", "a: 1\npassword: hunter2horse9\n"],
  [
    "between bytes that are none",
    Buffer.concat([Buffer.from([0xff]), Buffer.from("\npassword: hunter2horse9\n")]),
  ],
])("a secret in a listed file, %s, keeps the runbook from being approved", async (_, bytes) => {
  const space = withFile(bytes);
  const { project } = space.gate();
  expect(lintRunbook(project, loadRunbook(project, ID).runbook)).toContainEqual(
    expect.objectContaining({ rule: "runbook.file-secret", level: "error", file: "deploy/shop/file" }),
  );
  await expect(space.approve()).rejects.toMatchObject({ code: "runbook.findings" });
});

test.each([
  ["a variable that is approved", "{ TAG: 1.0 }", ["TAG"]],
  ["a value that an earlier step captures", "{}", ["TAG", "TAG"]],
])("a capture never replaces %s", async (_, variables, names) => {
  const space = gateWorkspace();
  const steps = names.map((name, i) =>
    letterStep(i + 1, space.host, "A").replace(
      "sh run host=here",
      `sh run host=here capture=${name} pattern="[0-9]+"`,
    ),
  );
  space.writeRunbook(runbookText({ variables, steps: steps.join("\n") }));
  const { project } = space.gate();
  expect(lintRunbook(project, loadRunbook(project, ID).runbook)).toContainEqual(
    expect.objectContaining({ rule: "runbook.capture", level: "error" }),
  );
});

test.each([20, 60, 80, 100])(
  "at %i columns no row is longer, nothing is cut, and nothing of a document begins at the margin",
  async (columns) => {
    const space = gateWorkspace();
    const long = `printf A >>${space.host}/letters # ${"wide 語 ".repeat(40)} tier: read`;
    space.writeRunbook(
      runbookText({
        steps: letterStep(1, space.host, "A").replace(`printf A >>${space.host}/letters`, long),
      }),
    );
    for (const page of await pagesOf(space)) {
      const rows = renderPage(page, columns);
      for (const row of rows) expect(row.length, row).toBeLessThanOrEqual(columns);
      const squeeze = (text: string) => text.replaceAll(/\s/g, "");
      const shown = rows.map((row) => row.replace(/^ *\S* [│┆] ?/, ""));
      const whole = page.lines.map(({ text, gutter }) => (gutter === undefined ? text : text)).join("");
      expect(squeeze(shown.join(""))).toBe(squeeze(whole));
      const quoted = page.lines.filter(({ gutter }) => gutter !== undefined).length;
      expect(rows.filter((row) => /^ *\S* │/.test(row)).length).toBeGreaterThanOrEqual(quoted);
    }
  },
);

test("whatever a text holds, no control byte and no line end reaches the screen from a page", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.integer({ min: 12, max: 90 }),
      (text, columns) => {
        for (const line of [note(text), quoted(text, "1")]) {
          const rows = renderPage({ title: "", lines: [line] }, columns);
          // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
          expect(rows.join("")).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
        }
      },
    ),
    { numRuns: 20_000 },
  );
}, 60_000);

test("a text that is set in further than the screen is wide comes to its end all the same", () => {
  const rows = wrapWords(`${" ".repeat(200)}word ${"x".repeat(100)}`, 20);
  expect(rows.join("").replaceAll(" ", "")).toBe(`word${"x".repeat(100)}`);
  for (const row of rows) expect(row.length).toBeLessThanOrEqual(20);
});

test("a document cannot speak in vibeops' voice, however its lines are wrapped", () => {
  const forged = `${"x".repeat(48)}  tier read, an action vouches for it`;
  const rows = renderPage({ title: "", lines: [{ text: forged, gutter: "12" }] }, 50);
  expect(rows.length).toBeGreaterThan(1);
  for (const row of rows) expect(row).toMatch(/^(?:12 │|\s+┆) /);
});

/** Approves an earlier runbook of the same service, then writes the one that is to be approved now. */
async function second(change: (space: GateWorkspace) => void = () => {}): Promise<GateWorkspace> {
  const space = gateWorkspace();
  space.project.write("deploy/shop/compose.yaml", "services: {}\nold: line\n");
  space.project.write("policy.yaml", "rules: []\n");
  space.writeRunbook(everything(space));
  await space.approve();
  // What was approved under this id becomes last month's runbook; its approval is made anew for that id.
  const { execFileSync } = await import("node:child_process");
  const earlier = space.project.read(DOCUMENT).replaceAll(ID, EARLIER);
  execFileSync("rm", ["-rf", join(space.project.root, "runbooks")]);
  space.project.write(`runbooks/${EARLIER}/runbook.md`, earlier);
  space.project.git("add", "--all");
  space.project.git("commit", "-qm", "Last month");
  const plan = await planDecision(space.gate(), EARLIER, { decision: "approve", principal: ADA });
  const { recordDecision } = await import("../../src/runbook/decide.ts");
  await recordDecision(space.gate(), plan, { terminal: true, pagesShown: 99 }, space.sign);
  change(space);
  space.writeRunbook(everything(space).replace("1.2.0", "1.3.0").replace("printf A", "printf B"));
  return space;
}

test("the last page shows what differs from the last approved version of the same service", async () => {
  const space = await second(({ project }) => {
    project.write("deploy/shop/compose.yaml", "services: {}\nnew: line\n");
  });
  const page = pageText(await pagesOf(space), /^Changes since this service/);
  expect(page).toContain(
    `compared with runbook ${EARLIER} (Deploy shop), which ada@example.com approved on 2026-11-20`,
  );
  expect(page).toMatch(/runbook\.md: it changed\n@\|/);
  expect(page).toContain("-|variables: { VERSION: 1.2.0 }\n+|variables: { VERSION: 1.3.0 }");
  expect(page).toMatch(/^-\|printf A.*\n\+\|printf B/m);
  expect(page).toContain("deploy/shop/compose.yaml: it changed\n");
  expect(page).toContain("-|old: line\n+|new: line");
  // The ids differ in every runbook and say nothing.
  expect(page).not.toContain(`+|id: ${ID}`);
});

test("changes of policy, inventory and vibeops.yaml since then are shown, and what did not change is said", async () => {
  const space = await second(({ project }) => {
    project.write("policy.yaml", "rules: []\napproval: { approvals: 1 }\n");
    project.git("commit", "-qam", "Loosen the policy");
  });
  const page = pageText(await pagesOf(space), /^Changes of the rules since/);
  expect(page).toContain("policy.yaml: it changed\n@|");
  expect(page).toContain("+|approval: { approvals: 1 }");
  expect(page).toContain("inventory.yaml: unchanged");
  expect(page).toContain("vibeops.yaml: unchanged");
});

test("a version that git does not have is not made up: it is said, and all of the file is shown as new", async () => {
  const space = gateWorkspace();
  space.writeRunbook(everything(space).replace("files: [deploy/shop/compose.yaml]\n", ""));
  // Approved while it lay there uncommitted, and changed before anybody committed it.
  space.project.write("policy.yaml", "approval: { approvals: 1 } # never committed\n");
  await space.approve();
  space.project.write("policy.yaml", "approval: { approvals: 1 } # now\n");
  const page = pageText(await pagesOf(space), /^Changes of the rules since/);
  expect(page).toContain("policy.yaml: it changed, and the version that was approved is not in git");
  expect(page).toContain("+|approval: { approvals: 1 } # now");
  expect(page).not.toContain("never committed");
});

test("what a forged approval names is not what changes are held against", async () => {
  const space = await second();
  const folder = `runbooks/${EARLIER}/approvals`;
  const [name = ""] = space.project.list(folder).filter((one) => one.endsWith(".sig"));
  space.project.write(`${folder}/${name}`, "no signature\n");
  expect(pageText(await pagesOf(space), /^Changes since this service/)).toMatch(
    /^none of the last 200 runbooks/,
  );
  expect(pageText(await pagesOf(space), /^Changes of the rules/)).toContain(
    "nothing was approved in this project before",
  );
});

test("a step that uses what an earlier one captures says so: its value is not known yet", async () => {
  const space = gateWorkspace();
  const captures =
    '### 1. Look\n\n```sh run host=here capture=OLD pattern="[a-z]+"\necho one\n```\n\n```sh check host=here\ntrue\n```\n\nNo rollback: it reads.\n\n';
  const uses = letterStep(2, space.host, "B").replace("printf B", 'printf "$OLD"');
  space.writeRunbook(runbookText({ steps: captures + uses }));
  const notes = (await pagesOf(space)).map(({ lines }) => lines.map(({ text }) => text.trim()).join("\n"));
  const page = (words: string) => notes.find((text) => text.includes(words)) ?? "";
  expect(page("### 2. Write B")).toContain("OLD is what step 1 captures");
  expect(page("### 1. Look")).not.toContain("OLD is what step 1 captures");
});
