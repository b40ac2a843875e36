import { tmpdir } from "node:os";
import { describe, expect, it } from "vitest";
import { openTerminal } from "./terminal.ts";

const place = { cwd: tmpdir(), env: { PATH: process.env.PATH ?? "", TERM: "xterm-256color" } };

describe("a terminal", () => {
  it("shows what a program prints, takes what is typed, and tells how it ended", async () => {
    const script = 'printf "Your name? "; read -r name; printf "Hello \\033[1m%s\\033[0m\\n" "$name"; exit 4';
    const terminal = openTerminal({ command: "sh", args: ["-c", script], ...place });
    await terminal.expect("Your name?");
    terminal.type("Ada\r");
    const [, name] = await terminal.expect(/Hello (\w+)\n/);
    expect(name).toBe("Ada");
    expect(await terminal.exited).toEqual({ exitCode: 4 });
    expect(terminal.output).toContain("\x1b[1mAda\x1b[0m");
    expect(terminal.text).toBe("Your name? Ada\nHello Ada\n");
  });

  it("is a terminal to the program, of the size asked for", async () => {
    const terminal = openTerminal({
      command: "sh",
      args: ["-c", "tty; stty size"],
      cols: 72,
      rows: 20,
      ...place,
    });
    await terminal.expect(/\/dev\/pts\/\d+\n20 72\n/);
  });

  it("matches only what came after the last match", async () => {
    const terminal = openTerminal({ command: "sh", args: ["-c", "echo one two; echo two three"], ...place });
    await terminal.expect("two");
    await terminal.expect(/two three/);
    await terminal.exited;
    await expect(terminal.expect("three")).rejects.toThrow(/expected three.*ended with exit code 0/);
  });

  it("keeps raw bytes, whole characters across chunks, and control characters", async () => {
    const script = "printf 'caf\\303'; sleep 0.05; printf '\\251 \\007\\033]0;title\\007'";
    const terminal = openTerminal({ command: "sh", args: ["-c", script], ...place });
    await terminal.exited;
    expect(terminal.output).toBe("café \x07\x1b]0;title\x07");
    expect([...terminal.bytes].filter((byte) => byte === 7)).toHaveLength(2);
  });

  it("says what was on the screen when something does not come", async () => {
    const terminal = openTerminal({ command: "sh", args: ["-c", "echo working on it; cat"], ...place });
    await terminal.expect("it");
    const failure = terminal.expect("done", { timeout: 100 });
    await expect(failure).rejects.toThrow(/expected done.*within 100 ms[\s\S]*working on it/);
    terminal.hangUp();
    expect(await terminal.exited).toMatchObject({ signal: 1 });
  });
});
