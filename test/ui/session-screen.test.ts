import { resolve } from "node:path";
import { expect, test } from "vitest";
import { apis, BLOCK, modelWorkspace, send } from "../agent/model-workspace.ts";
import { Terminal } from "../e2e/terminal.ts";
import type { ScriptedAnswer } from "../helpers/models/answer.ts";

const [api] = apis;

async function watch(
  write: (id: string) => ScriptedAnswer[],
  env: Record<string, string> = {},
  ...args: string[]
) {
  const script: ScriptedAnswer[] = [];
  const { server, shop, infra, space } = await modelWorkspace(api, script);
  const id = await send(shop, "Deploy shop 1.2.0", BLOCK, "deployment");
  script.push(...write(id));
  const terminal = new Terminal({
    command: process.execPath,
    args: [resolve("bin/vibeops.js"), "session", "run", ...args],
    cwd: infra.root,
    env: { ...(space.context.env as Record<string, string>), TERM: "xterm-256color", ...env },
    cols: 120,
    rows: 24,
  });
  return { server, infra, terminal };
}

test("a person watches what the model does, how far it is and what it costs, and the lines stay when it is over", async () => {
  const { server, terminal } = await watch(
    (id) => [
      { calls: [{ name: "memo_show", input: { id } }] },
      {
        text: ["I pre", "pare it.\nThen I am do", "ne. \u001b[2J\u202e"],
        calls: [{ name: "prepare", input: { id } }],
        usage: { input: 100_000, output: 10_000, cached: 0 },
      },
      { calls: [{ name: "memo_done", input: { id, note: "Prepared." } }] },
      { text: ["Ready."] },
    ],
    {},
    ...["--turns", "9", "--money", "5"],
  );
  await using _ = server;
  await terminal.expect(
    /sysadmin@infra by anthropic · .*turn \d of 9 · [\d,]+ tokens · \d\.\d{4} of 5 · \d:\d\d · .* · Ctrl-C stops/,
  );
  expect((await terminal.exited).exitCode).toBe(0);
  expect(terminal.text).toContain("I prepare it.");
  expect(terminal.text).toMatch(/call {5}memo_show/);
  expect(terminal.screen).toContain("4 turns, ");
  expect(terminal.output).not.toContain("\u202e");
  expect(terminal.text).toContain("done. ⟨U+001B⟩[2J⟨U+202E⟩");
});

test("without a terminal that can be drawn on, and as JSON, there are lines", async () => {
  const script = [{ text: ["Nothing to do for me."] }, { text: ["No."] }, { text: ["No."] }];
  const { server, terminal } = await watch(() => script, { TERM: "dumb" });
  await using _ = server;
  await terminal.expect("Nothing to do for me.");
  await terminal.exited;
  expect(terminal.output).not.toContain("\u001b[");
  expect(terminal.text).not.toContain("Ctrl-C stops");
});

test("Ctrl-C ends it in order, and the terminal is as it was", async () => {
  const { server, terminal } = await watch(() => [{ text: ["Wait, I think"], hang: true }]);
  await using _ = server;
  await terminal.expect("Wait, I think");
  terminal.type("\u0003");
  expect((await terminal.exited).exitCode).toBe(130);
  expect(terminal.text).toContain("interrupted; run it again to go on");
  expect(terminal.output.lastIndexOf("\u001b[?25h")).toBeGreaterThan(
    terminal.output.lastIndexOf("\u001b[?25l"),
  );
});
