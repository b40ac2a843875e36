import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTerminal, type Terminal } from "../e2e/terminal.ts";
import { bundleChild } from "../runbook/child.ts";
import {
  ADA,
  type GateWorkspace,
  gateWorkspace,
  ID,
  letterStep,
  runbookText,
} from "../runbook/gate-workspace.ts";

let folder: string;
let program: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "vibeops-approve-"));
  program = await bundleChild("cli-child", folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function ready(policy: string): GateWorkspace {
  const here = gateWorkspace();
  here.project.write("policy.yaml", policy);
  here.writeRunbook(runbookText({ steps: letterStep(1, here.host, "A") }));
  return here;
}

function type({ context, project }: GateWorkspace, ...argv: string[]): Terminal {
  const env = { ...context.env, TERM: "xterm", NO_COLOR: "1" } as Record<string, string>;
  const args = [program, ...argv];
  return openTerminal({ command: process.execPath, args, cwd: project.root, env, cols: 160, rows: 50 });
}

/** Reads every page, up to the decision. */
async function readPages(here: GateWorkspace): Promise<Terminal> {
  const terminal = type(here, "runbook", "approve", ID, "--as", ADA);
  for (;;) {
    const [found] = await terminal.expect(/-- Enter: go on --|-- Enter: to the decision --/);
    terminal.type("\r");
    if (found.includes("decision")) break;
  }
  await terminal.expect("Type yes:");
  return terminal;
}

/** Reads every page, says yes and types the passphrase, or each of several. */
async function approve(here: GateWorkspace, passphrases = ["correct horse"], exitCode = 0): Promise<string> {
  const terminal = await readPages(here);
  terminal.type("yes\r");
  for (const passphrase of passphrases) {
    await terminal.expect("Enter passphrase");
    terminal.type(`${passphrase}\r`);
  }
  expect(await terminal.exited, terminal.screen).toMatchObject({ exitCode });
  return terminal.text;
}

test("a mistyped passphrase is asked for once more, and not the pages; after three nothing is signed", async () => {
  const here = ready("approval: { approvals: 1 }\n");
  const refused = await approve(here, ["guess", "guess", "guess"], 6);
  expect(refused).toContain("nothing was signed: the key was not opened");
  const said = await approve(here, ["corect horse", "correct horse"]);
  expect(said).toContain("The key was not opened. Once more");
  expect(said).toContain("Next: vibeops runbook run");
});

test.each([
  [["y", "yes"], "Enter passphrase"],
  [["yse", "y"], "you did not say yes; nothing was signed"],
  [["no"], "you did not say yes; nothing was signed"],
  [[""], "you did not say yes; nothing was signed"],
])(
  "who types %j at the decision is asked once more where it was almost a yes, and then: %s",
  async (words, then) => {
    const terminal = await readPages(ready("approval: { approvals: 1 }\n"));
    for (const [at, word] of words.entries()) {
      if (at > 0) await terminal.expect("The whole word, yes; anything else means no:");
      terminal.type(`${word}\r`);
    }
    await terminal.expect(then);
    if (then.startsWith("Enter")) terminal.type("\x03");
    await terminal.exited;
  },
);

test("who approves first where the policy wants two people is not told to run it", async () => {
  const said = await approve(ready("approval: { approvals: 2 }\n"));
  expect(said).toContain(`Nothing runs yet: the policy wants 2 people to approve, and only ${ADA} did.`);
  expect(said).toContain("Next: somebody else reads it and types: vibeops runbook approve");
  expect(said).not.toContain("vibeops runbook run");
});

test("who approves last is told until when a walk may start, and how", async () => {
  const said = await approve(ready("approval: { approvals: 1 }\n"));
  expect(said).toContain("A walk may start until");
  expect(said).toContain("Next: vibeops runbook run");
});

test("who leaves a walk in which they paste is told how to go on pasting", async () => {
  const here = ready("approval: { approvals: 1 }\n");
  await approve(here);
  writeFileSync(join(here.context.env.HOME ?? "", ".gitconfig"), `[user]\n\temail = ${ADA}\n`);
  const terminal = type(here, "runbook", "run", ID, "--mode", "paste");
  await terminal.expect("paste its answer");
  terminal.type("\x03");
  expect(await terminal.exited).toMatchObject({ exitCode: 130 });
  expect(terminal.text).toMatch(
    /Interrupted\. Nothing is lost\.\nGo on with: vibeops runbook run \w+ --mode paste/,
  );
});

test("who went on past a step is told at the end which", async () => {
  const here = ready("approval: { approvals: 1 }\n");
  writeFileSync(join(here.context.env.HOME ?? "", ".gitconfig"), `[user]\n\temail = ${ADA}\n`);
  await approve(here);
  const walk = type(here, "runbook", "run", ID);
  for (const [question, answer] of [
    ["Run this step", "k"],
    ["Why is step 1 skipped", "not needed"],
  ]) {
    await walk.expect(question ?? "");
    walk.type(`${answer}\r`);
  }
  expect(await walk.exited, walk.screen).toMatchObject({ exitCode: 0 });
  expect(walk.text).toContain("Skipped, or gone on from all the same: step 1. The record says why.");
  expect(walk.text).toContain("Every step is done or skipped.");
});

test("who verifies a walk that was rolled back is told to say why when they close it", async () => {
  const here = ready("approval: { approvals: 1 }\n");
  writeFileSync(join(here.context.env.HOME ?? "", ".gitconfig"), `[user]\n\temail = ${ADA}\n`);
  await approve(here);
  const play = async (argv: string[], dialogue: readonly (readonly [string, string])[]) => {
    const terminal = type(here, "runbook", ...argv);
    for (const [question, answer] of dialogue) {
      await terminal.expect(question);
      terminal.type(`${answer}\r`);
    }
    expect(await terminal.exited, terminal.screen).toMatchObject({ exitCode: 0 });
    return terminal.text;
  };
  await play(
    ["run", ID],
    [
      ["Run this step", "b"],
      ["Why do you roll back", "second thoughts"],
    ],
  );
  const said = await play(
    ["verify", ID],
    [
      ["work again", "y"],
      ["What did you look at", "the front page"],
    ],
  );
  expect(said).toMatch(/Next: vibeops runbook close \w+ --reason "…"/);
});
