import { expect, onTestFinished, test } from "vitest";
import { openTerminal, type Terminal } from "../e2e/terminal.ts";
import { workspace } from "../helpers/workspace.ts";
import { bundleChild } from "../runbook/child.ts";

/** Somebody at a terminal who has answered the first question; what follows is `act` of line-reader-child.ts. */
async function sitAt(act: string): Promise<Terminal> {
  const terminal = await sitDown((program) => ({ command: process.execPath, args: [program, act] }));
  await terminal.expect("Begin? ");
  terminal.type("y\r");
  return terminal;
}

async function sitDown(start: (program: string) => { command: string; args: string[] }): Promise<Terminal> {
  const space = workspace();
  const program = await bundleChild("line-reader-child", space.directory);
  const env = {
    PATH: process.env.PATH ?? "",
    TERM: "xterm-256color",
    PS1: "shell: ",
    NODE: process.execPath,
  };
  const terminal = openTerminal({ ...start(program), cwd: space.directory, env });
  onTestFinished(() => terminal.hangUp());
  return terminal;
}

test.each([
  ["started by the shell", (program: string) => `"$NODE" '${program}' between`],
  [
    "behind a program that waits for it, as npx does",
    (program: string) => `sh -c '"$NODE" "${program}" between; exit $?'`,
  ],
])(
  "Ctrl-Z at a question and fg come back to the question, and it takes its answer: %s",
  async (_, command) => {
    const terminal = await sitDown((program) => {
      return {
        command: "sh",
        args: ["-ic", `set -m; ${command(program)}; echo stopped; fg; echo "ended $?"`],
      };
    });
    await terminal.expect("Begin? ");
    terminal.type("\x1a");
    await terminal.expect("stopped");
    await terminal.expect("Begin? ");
    terminal.type("y\r");
    await terminal.expect("between");
    await terminal.expect("And now? ");
    terminal.type("good\r");
    await terminal.expect("answer <good>");
    await terminal.expect("ended 0");
  },
);

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

/** As a terminal sends what is pasted, once it was asked to say so. */
const pasted = (text: string) => `\x1b[200~${text}\x1b[201~`;

test("no line of a text that is pasted at a question answers it: that takes a typed Enter", async () => {
  const terminal = await sitAt("answered");
  await terminal.expect("And now? ");
  terminal.type(pasted("\r\ry\rtwo words\r"));
  terminal.type("more\r");
  await terminal.expect(/answer < {2}y two words more>/);
  expect(await terminal.exited).toMatchObject({ exitCode: 0 });
  expect(terminal.output.lastIndexOf("\x1b[?2004l")).toBeGreaterThan(
    terminal.output.lastIndexOf("\x1b[?2004h"),
  );
});

test("a line with only a dot in a pasted text does not end it, a typed one does", async () => {
  const terminal = await sitAt("text");
  await terminal.expect("paste it");
  await terminal.expect("\n");
  terminal.type(pasted(".\r..\rfile\r"));
  terminal.type("typed\r.\r");
  await terminal.expect("text <.|..|file|typed>");
  await terminal.expect("And now? ");
  terminal.type("good\r");
  await terminal.expect("answer <good>");
});

test("a long line and many lines that are pasted are there at once", async () => {
  const terminal = await sitAt("text");
  await terminal.expect("paste it");
  await terminal.expect("\n");
  terminal.type(pasted(`${"{}".repeat(100_000)}\r${"line\r".repeat(5_000)}`));
  terminal.type(".\r");
  await terminal.expect("And now? ", { timeout: 60_000 });
});
