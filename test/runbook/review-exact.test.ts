import { expect, test } from "vitest";
import { renderPage } from "../../src/cli/runbook/render-page.ts";
import { planDecision } from "../../src/runbook/decide.ts";
import { compareStatement } from "../../src/runbook/lapse.ts";
import { quoted, type ReviewPage } from "../../src/runbook/review-line.ts";
import { unifiedDiff } from "../../src/text/diff.ts";
import { ADA, type GateWorkspace, gateWorkspace, ID, letterStep, runbookText } from "./gate-workspace.ts";

async function pagesOf(space: GateWorkspace, decision: "approve" | "reject" = "approve") {
  const request = { decision, principal: ADA, ...(decision === "reject" ? { reason: "no" } : {}) };
  return (await planDecision(space.gate(), ID, request)).pages;
}

function pageText(pages: readonly ReviewPage[], title: RegExp): string {
  const lines = pages.find((one) => title.test(one.title))?.lines ?? [];
  return lines.map(({ text, gutter }) => (gutter === undefined ? text : `${gutter}|${text}`)).join("\n");
}

/** A runbook that is approved, and then changed. */
async function changed(files: string, before: string, after: string): Promise<GateWorkspace> {
  const space = gateWorkspace();
  space.project.write("deploy/shop/data.sql", before);
  space.writeRunbook(runbookText({ files, steps: letterStep(1, space.host, "A") }));
  await space.approve();
  space.project.write("deploy/shop/data.sql", after);
  space.project.git("commit", "-qam", "Change it");
  return space;
}

test("a line that looks like the head of a patch is shown like every other line that changed", async () => {
  const space = await changed(
    "[deploy/shop/data.sql]",
    "-- keep the orders\nselect 1;\n",
    "++ drop them\nselect 1;\n",
  );
  const page = pageText(await pagesOf(space), /^Changes since/);
  expect(page).toContain("-|-- keep the orders\n+|++ drop them");
});

test("a patch keeps the tab at the end of a line, whatever the line begins with", () => {
  const patch = unifiedDiff("-- a\t\nb\n", "b\n", "f");
  expect(patch).toBe("--- a/f\n+++ b/f\n@@ -1,2 +1,1 @@\n--- a\t\n b\n");
});

test("an id that changed in the runbook is a change: another backup, another memo", async () => {
  const space = gateWorkspace();
  const text = (id: string) =>
    runbookText({ steps: letterStep(1, space.host, "A") }).replace("What it does.", `Restores ${id}.`);
  space.writeRunbook(text("20261001T000000Z-aaaaaaaa"));
  await space.approve();
  space.writeRunbook(text("20261002T000000Z-bbbbbbbb"));
  const page = pageText(await pagesOf(space), /^Changes since/);
  expect(page).toContain("-|Restores 20261001T000000Z-aaaaaaaa.\n+|Restores 20261002T000000Z-bbbbbbbb.");
});

test("white space at the end of a line is shown: behind a backslash it decides what the next line is", async () => {
  const space = gateWorkspace();
  const step = letterStep(1, space.host, "A").replace("printf A", "printf A \\ \n");
  space.writeRunbook(runbookText({ steps: step }));
  const page = (await pagesOf(space)).find(({ title }) => title.startsWith("Step 1"));
  const rows = renderPage(page ?? { title: "", lines: [] }, 80);
  expect(rows.find((row) => row.includes("printf A"))).toMatch(/printf A \\⟨U\+0020⟩$/);
  expect(quoted("a\t \u00a0", "1").text).toBe("a⟨U+0009⟩⟨U+0020⟩⟨U+00A0⟩");
});

test("what changed in white space alone looks changed", async () => {
  const space = await changed("[deploy/shop/data.sql]", "a:\n\tb\n", "a:\n        b\n");
  const page = pageText(await pagesOf(space), /^Changes since/);
  expect(page).toContain("-|⟨U+0009⟩b\n+|        b");
});

test("that the text of a runbook changed is said beside what others changed: the lock, a host's tier", async () => {
  const space = gateWorkspace();
  space.writeRunbook(runbookText({ steps: letterStep(1, space.host, "A") }));
  const { statement } = await planDecision(space.gate(), ID, { decision: "approve", principal: ADA });
  const now = {
    ...statement,
    runbook: { ...statement.runbook, sha256: "0".repeat(64) },
    hosts: statement.hosts.map((host) => ({ ...host, lock: "0".repeat(64) })),
    steps: statement.steps.map((step) => ({
      ...step,
      commands: step.commands.map((command) => ({ ...command, tier: "destructive" as const })),
    })),
  };
  expect(compareStatement(statement, now).map(({ what }) => what)).toEqual([
    "the text of runbook.md changed",
    "step 0, the lock on host here, changed",
    ...["command", "check", "rollback"].map((noun) => `step 1's ${noun} now counts as destructive`),
  ]);
});

test("the title of a file's page obeys nothing that its name holds", async () => {
  const space = gateWorkspace();
  const text = runbookText({ files: '["deploy/\\u009b31m\\u202Ex"]', steps: letterStep(1, space.host, "A") });
  space.project.write(`runbooks/${ID}/runbook.md`, text);
  const titles = (await pagesOf(space, "reject")).map(({ title }) => title);
  expect(titles).toContain("File deploy/⟨U+009B⟩31m⟨U+202E⟩x");
});

test("a tab is shown as what it is wherever a person reads what they approve", async () => {
  const space = gateWorkspace();
  space.project.write("deploy/shop/Caddyfile", "shop {\n\troot *\t/srv\n}\n");
  const step = letterStep(1, space.host, "A").replace("printf A", "printf 'a\tA'");
  const text = runbookText({
    files: "[deploy/shop/Caddyfile]",
    variables: '{ GAP: "a\\tb" }',
    steps: step.replace("sh check host=here", 'sh check host=here expect="a\tb"'),
  });
  space.writeRunbook(text);
  const pages = await pagesOf(space);
  expect(pageText(pages, /^Step 1/)).toContain("|printf 'a⟨U+0009⟩A'");
  expect(pageText(pages, /^Step 1/)).toContain("its output must hold: a⟨U+0009⟩b");
  expect(pageText(pages, /^Step 1/)).toContain("GAP='a⟨U+0009⟩b'");
  expect(pageText(pages, /^File/)).toContain("2|⟨U+0009⟩root *⟨U+0009⟩/srv");
  expect(pageText(pages, /^What you decide/)).toContain("GAP=a⟨U+0009⟩b");
  const shown = await space.project.vibeops("runbook", "show", ID);
  expect(shown.stdout).toContain("printf 'a⟨U+0009⟩A'");
});
