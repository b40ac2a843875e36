import { resolve } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { expect, test } from "vitest";
import { BLOCK, INVENTORY, send } from "../agent/model-workspace.ts";
import { shopAndInfra, type TestProject } from "../helpers/workspace.ts";

/** The protocol's own client, in front of the real program over standard input and output. */
async function connect(project: TestProject, env: Record<string, string>, ...args: string[]) {
  const client = new Client({ name: "test-client", version: "3.2.1" });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [resolve("bin/vibeops.js"), "mcp", ...args],
      cwd: project.root,
      env,
      stderr: "pipe",
    }),
  );
  return client;
}

function textOf(result: unknown): string {
  const { content } = result as { content: { text: string }[] };
  return content.map(({ text }) => text).join("\n");
}

test("a client lists and calls every tool, reads every kind of resource, and ends a session; git says who did it", async () => {
  const { shop, infra, context } = shopAndInfra();
  infra.write("inventory.yaml", INVENTORY);
  infra.git("add", ".");
  infra.git("commit", "--quiet", "-m", "Inventory");
  const id = await send(shop, "Deploy shop 1.2.0", BLOCK, "deployment");
  const client = await connect(infra, context.env as Record<string, string>);
  try {
    const { tools } = await client.listTools();
    // Nothing here decides, walks as a person, verifies, closes or changes who is trusted.
    const gates = /approve|reject|trust|walk|verify|close|run(?!book|_command)/;
    expect(tools.map(({ name }) => name).filter((name) => gates.test(name))).toEqual([
      "runbook_run_delegated",
    ]);
    for (const name of ["runbook_run", "runbook_approve"]) {
      expect(await client.callTool({ name, arguments: { id: "any" } })).toMatchObject({ isError: true });
    }
    for (const tool of tools) {
      expect(tool.description?.length, tool.name).toBeGreaterThan(20);
      expect(tool.inputSchema).toMatchObject({ type: "object" });
      expect(tool.annotations).toMatchObject({ openWorldHint: false });
    }
    const { prompts } = await client.listPrompts();
    expect(prompts.map(({ name }) => name)).toEqual(["session_start", "session_end"]);
    const begun = await client.getPrompt({ name: "session_start" });
    expect(JSON.stringify(begun)).toContain("Deploy shop 1.2.0");

    const calls: Record<string, Record<string, unknown>> = {
      list_files: { depth: 3 },
      read_file: { path: "inventory.yaml" },
      write_file: { path: "deploy/notes.md", text: "# Notes\n", why: "Notes" },
      memo_list: {},
      memo_show: { id },
      memo_new: { to: ["shop"], subject: "A question", text: "Which port?" },
      memo_reply: { id, text: "On it." },
      prepare: { id },
      memo_check: { id, items: ["1"] },
      memo_done: { id, note: "Prepared." },
      state_show: {},
      state_set: { status: "Prepared shop 1.2.0" },
      runbook_list: {},
      runbook_templates: {},
      runbook_lint: { id: "" },
      runbook_compile: { id: "" },
      runbook_run_delegated: { id: "" },
      policy_check: {},
      impact: { services: ["shop"] },
      runbook_draft: { title: "Harden web1", template: "harden-server", hosts: ["web1"] },
      git_log: {},
      git_diff: {},
      ask_human: { question: "May it be deployed today?" },
      run_command: { name: "test" },
    };
    const refusals: Readonly<Record<string, string>> = {
      run_command: "vibeops.yaml names no command 'test'",
      runbook_run_delegated: "nobody has approved this runbook",
    };
    expect(Object.keys(calls).sort()).toEqual(tools.map(({ name }) => name).sort());
    for (const [name, given] of Object.entries(calls)) {
      const [runbook = ""] = infra.list("runbooks");
      const input = name.startsWith("runbook_") && "id" in given ? { id: runbook } : given;
      const result = await client.callTool({ name, arguments: input });
      // It names no commands, and nobody approved anything: such calls are refused, and say why.
      const refusal = refusals[name];
      if (refusal !== undefined) expect(textOf(result)).toContain(refusal);
      else expect(result.isError ?? false, `${name}: ${textOf(result)}`).toBe(false);
    }
    const { resources } = await client.listResources();
    const kinds = new Set(resources.map(({ uri }) => uri.replace(/\/[^/]*$/, "")));
    expect(kinds).toEqual(new Set(["vibeops:/", "vibeops://runbooks"]));
    for (const { uri } of resources) {
      const { contents } = await client.readResource({ uri });
      expect(JSON.stringify(contents)).toContain("<<<untrusted ");
    }
    await expect(client.readResource({ uri: "vibeops://memos/../../etc/passwd" })).rejects.toThrow(
      /no such resource/,
    );
    await client.getPrompt({ name: "session_end", arguments: { note: "Prepared." } });
  } finally {
    await client.close();
  }
  const log = infra.git("log", "--format=%s%n%(trailers:only,unfold)");
  expect(log).toContain("Notes\nAgent: sysadmin@infra\nAgent-Tool: test-client 3.2.1");
  expect(log).toMatch(/Vibeops-Session: \S+\nAgent: sysadmin@infra/);
  expect(infra.read("STATE.md")).toContain("- May it be deployed today?");
  // The question, the reply, the reply with what prepare wants to know, and the receipt.
  expect(shop.list("memos/incoming")).toHaveLength(4);
  expect(infra.git("status", "--porcelain")).toBe("");
});

test("arguments that do not fit, and what a role may not do, are errors that say how to mend them", async () => {
  const { infra, context } = shopAndInfra();
  const client = await connect(infra, context.env as Record<string, string>);
  try {
    for (const [name, input, words] of [
      ["memo_show", {}, "the arguments do not fit"],
      ["memo_show", { id: "nothing" }, "no memo"],
      ["write_file", { path: "policy.yaml", text: "", why: "x" }, "is not for an agent to write"],
      ["runbook_approve", { id: "x" }, "there is no tool"],
    ] as const) {
      const result = await client.callTool({ name, arguments: input });
      expect(result.isError).toBe(true);
      expect(textOf(result)).toContain(words);
    }
  } finally {
    await client.close();
  }
  const other = connect(infra, context.env as Record<string, string>, "--role", "nobody");
  await expect(other).rejects.toThrow();
});

test("a session that is ended without a note is the client's mistake, and goes on", async () => {
  const { infra, context } = shopAndInfra();
  await infra.vibeops("state", "set", "--status", "Steady.");
  const client = await connect(infra, context.env as Record<string, string>);
  try {
    await client.getPrompt({ name: "session_start" });
    const before = infra.git("rev-parse", "HEAD");
    for (const argument of [{}, { note: "  " }]) {
      await expect(client.getPrompt({ name: "session_end", arguments: argument })).rejects.toMatchObject({
        code: -32602,
        message: expect.stringContaining("give the argument 'note'"),
      });
    }
    expect(infra.git("rev-parse", "HEAD")).toBe(before);
    await expect(client.getPrompt({ name: "session_stop" })).rejects.toMatchObject({ code: -32602 });
    const ended = await client.getPrompt({ name: "session_end", arguments: { note: "All is well." } });
    expect(JSON.stringify(ended)).toContain("The session has ended.");
  } finally {
    await client.close();
  }
});

test("changes that a client asks for at once are made one after the other, each a commit of its own", async () => {
  const { infra, context } = shopAndInfra();
  const client = await connect(infra, context.env as Record<string, string>);
  try {
    const words = ["one", "two", "three"];
    const write = (text: string) =>
      client.callTool({
        name: "write_file",
        arguments: { path: "deploy/notes.md", text, why: `Say ${text}` },
      });
    const answers = await Promise.all(words.map(write));
    for (const answer of answers) expect(textOf(answer)).not.toContain("was in no commit");
    expect(infra.git("log", "-3", "--reverse", "--format=%s")).toBe("Say one\nSay two\nSay three\n");
    expect(textOf(await client.callTool({ name: "list_files", arguments: { folder: "nope" } }))).toContain(
      "there is no folder nope",
    );
  } finally {
    await client.close();
  }
});
