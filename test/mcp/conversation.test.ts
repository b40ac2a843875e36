import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { expect, test } from "vitest";
import { createServer } from "../../src/mcp/server.ts";
import { workspace } from "../helpers/workspace.ts";

const config = "project: shop\nagents: { developer: { provider: builtin } }\n";

async function connect(yaml = config) {
  const { project, context } = workspace();
  const made = project("shop", yaml);
  const server = createServer({ root: made.root, role: "developer", version: "0.0.0" }, context);
  const client = new Client({ name: "test-client", version: "1" });
  const [near, far] = InMemoryTransport.createLinkedPair();
  await server.connect(far);
  await client.connect(near);
  return { ...made, client };
}

const run = (name: string) => ({ name: "run_command", arguments: { name } });

test("a call that the client cancels ends with all that it started, and one that waits behind it never begins", async () => {
  const commands = "{ slow: 'echo $$ >pid; sleep 300', never: touch began, next: echo here }";
  const { root, client } = await connect(`${config}commands: ${commands}\n`);
  const stop = new AbortController();
  const slow = client.callTool(run("slow"), undefined, { signal: stop.signal });
  const waits = client.callTool(run("never"), undefined, { signal: stop.signal });
  const file = join(root, "pid");
  while (!existsSync(file) || readFileSync(file, "utf8") === "") await sleep(20);
  stop.abort(new Error("enough"));
  await expect(slow).rejects.toThrow("enough");
  await expect(waits).rejects.toThrow("enough");
  const next = await client.callTool(run("next"));
  expect(JSON.stringify(next)).toContain("here");
  expect(() => process.kill(Number(readFileSync(file, "utf8")), 0)).toThrow("ESRCH");
  expect(existsSync(join(root, "began"))).toBe(false);
  await client.close();
});

test("a vibeops.yaml that was broken meanwhile is named with its line and what to do, whatever is asked for", async () => {
  const { client, write } = await connect();
  write("vibeops.yaml", `${config}peeers: {}\n`);
  const asked = [
    () => client.listTools(),
    () => client.callTool({ name: "memo_list", arguments: {} }),
    () => client.listResources(),
    () => client.getPrompt({ name: "session_start" }),
  ];
  for (const ask of asked) {
    await expect(ask()).rejects.toThrow(/peeers.*vibeops\.yaml:3.*peers/);
  }
  write("vibeops.yaml", config);
  expect((await client.listTools()).tools.length).toBeGreaterThan(20);
  await client.close();
});
