import { expect, onTestFinished, test } from "vitest";
import { openTerminal, type Terminal } from "../e2e/terminal.ts";
import { workspace } from "../helpers/workspace.ts";
import { bundleChild } from "../runbook/child.ts";

/** Somebody at a terminal who has answered the first question; what follows is `act` of line-reader-child.ts. */
async function sitAt(act: string): Promise<Terminal> {
  const space = workspace();
  const program = await bundleChild("line-reader-child", space.directory);
  const env = { PATH: process.env.PATH ?? "", TERM: "xterm-256color" };
  const terminal = openTerminal({
    command: process.execPath,
    args: [program, act],
    cwd: space.directory,
    env,
  });
  onTestFinished(() => terminal.hangUp());
  await terminal.expect("Begin? ");
  terminal.type("y\r");
  return terminal;
}

test("a passphrase that ssh asks for meanwhile reaches ssh whole, and no screen", async () => {
  const terminal = await sitAt("passphrase");
  await terminal.expect("Passphrase: ");
  terminal.type("open sesame\r");
  await terminal.expect("got <open sesame>");
  await terminal.expect("And now? ");
  terminal.type("good\r");
  await terminal.expect("answer <good>");
  expect(terminal.text.match(/open sesame/g)).toHaveLength(1);
});

test("Ctrl-C while a step runs ends the step and not the program", async () => {
  const terminal = await sitAt("interrupted");
  await terminal.expect("running");
  terminal.type("\x03");
  await terminal.expect("aborted");
  await terminal.expect("And now? ");
  terminal.type("good\r");
  await terminal.expect("answer <good>");
  expect(await terminal.exited).toMatchObject({ exitCode: 0 });
});

test("what was typed while a step ran answers no question after it", async () => {
  const terminal = await sitAt("ahead");
  await terminal.expect("running");
  terminal.type("early\rhalf");
  await terminal.expect("And now? ");
  terminal.type("late\r");
  await terminal.expect("answer <late>");
});

test("Ctrl-C between a yes and the step that it starts keeps the step from starting", async () => {
  const terminal = await sitAt("between");
  await terminal.expect("between");
  terminal.type("\x03");
  await terminal.expect("aborted");
});

test("Ctrl-C between two questions leaves at the second", async () => {
  const terminal = await sitAt("nothing");
  terminal.type("\x03");
  expect(await terminal.exited).not.toMatchObject({ exitCode: 0 });
});
