import { resolve } from "node:path";
import { expect } from "vitest";
import { openTerminal, type Terminal } from "./terminal.ts";

export const BIN = resolve("bin/vibeops.js");
const PASSPHRASE = "only a person knows this";

/** Plays a person who types vibeops commands at a pseudo-terminal in one project. */
export class PlayedOperator {
  readonly #cwd: string;
  readonly #env: Readonly<Record<string, string>>;

  constructor(cwd: string, env: Readonly<Record<string, string>>) {
    this.#cwd = cwd;
    this.#env = { ...env, TERM: "xterm-256color", LANG: "C.UTF-8", NO_COLOR: "1" };
  }

  type(...argv: string[]): Terminal {
    const args = [BIN, ...argv];
    return openTerminal({
      command: process.execPath,
      args,
      cwd: this.#cwd,
      env: this.#env,
      cols: 140,
      rows: 50,
    });
  }

  /** Reads every page, says yes and signs; the first time with a new key. */
  async approve(runbook: string, first: boolean): Promise<void> {
    const terminal = this.type("runbook", "approve", runbook);
    await readPages(terminal);
    await terminal.expect("Type yes:");
    terminal.type("yes\r");
    if (first) {
      await terminal.expect("Make this key? Type yes:");
      terminal.type("yes\r");
      await terminal.expect("Enter passphrase (empty for no passphrase):");
      terminal.type(`${PASSPHRASE}\r`);
      await terminal.expect("Enter same passphrase again:");
      terminal.type(`${PASSPHRASE}\r`);
    }
    await this.#sign(terminal);
    expect(terminal.text).toContain("Approved by");
  }

  async verify(runbook: string): Promise<void> {
    const terminal = this.type("runbook", "verify", runbook);
    await terminal.expect("Verified.", { timeout: 60_000 });
    expect(await terminal.exited).toMatchObject({ exitCode: 0 });
  }

  /** Closes a runbook and returns what was said. */
  async close(runbook: string, ...words: string[]): Promise<string> {
    const terminal = this.type("runbook", "close", runbook, ...words);
    await this.#sign(terminal);
    return terminal.text;
  }

  async #sign(terminal: Terminal): Promise<void> {
    await terminal.expect("Enter passphrase");
    terminal.type(`${PASSPHRASE}\r`);
    expect(await terminal.exited, terminal.screen).toMatchObject({ exitCode: 0 });
  }
}

async function readPages(terminal: Terminal): Promise<void> {
  for (;;) {
    const [found] = await terminal.expect(/-- Enter: go on --|-- Enter: to the decision --/);
    terminal.type("\r");
    if (found.includes("decision")) return;
  }
}

type Landmark = "Every step is done" | "What now?" | "Rolled back.";

/**
 * Says yes to the points under Before you start, and takes the default at every question until these words come; a
 * question without a default ends it.
 */
export async function pressEnterUntil(walk: Terminal, words: Landmark): Promise<void> {
  const next = /\[Enter\][^\n]*> $|it can be resumed > $|Every step is done|What now\?|Rolled back\./;
  for (let presses = 0; presses < 60; presses += 1) {
    const [found] = await walk.expect(next, { timeout: 120_000 });
    if (found === words) return;
    const isPoint = found.startsWith("it can be resumed");
    if (!isPoint && !found.includes("[Enter]")) break;
    walk.type(isPoint ? "y\r" : "\r");
  }
  throw new Error(`"${words}" did not come:\n${walk.screen}`);
}

/** Says yes to each point under Before you start, until this comes. */
export async function sayYesUntil(walk: Terminal, then: RegExp): Promise<void> {
  const next = new RegExp(`it can be resumed > $|${then.source}`);
  for (;;) {
    const [found] = await walk.expect(next);
    if (!found.startsWith("it can be resumed")) return;
    walk.type("y\r");
  }
}
