import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { LineTransport } from "../../src/mcp/line-transport.ts";
import { createServer } from "../../src/mcp/server.ts";
import { workspace } from "../helpers/workspace.ts";

/** What the server answers to these lines, up to its answer to a ping behind them. */
async function answersTo(...lines: readonly (string | Buffer)[]) {
  const { project, context } = workspace();
  const { root } = project("shop", "project: shop\nagents: { developer: { provider: builtin } }\n");
  const [from, to] = [new PassThrough(), new PassThrough()];
  const server = createServer({ root, role: "developer", version: "0.0.0" }, context);
  await server.connect(new LineTransport(from, to));
  for (const line of lines) from.write(line);
  from.write('{"jsonrpc":"2.0","id":"last","method":"ping"}\n');
  let text = "";
  for await (const chunk of to) {
    text += chunk;
    if (text.includes('"last"')) break;
  }
  await server.close();
  const answers = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(answers.at(-1)).toEqual({ jsonrpc: "2.0", id: "last", result: {} });
  return answers.slice(0, -1);
}

test.each([
  ["no JSON", '{"jsonrpc": "2.0", "id": 4,\n', -32700, null],
  ["a number", "42\n", -32600, null],
  ["a batch", '[{"jsonrpc":"2.0","id":5,"method":"ping"}]\n', -32600, null],
  ["no version", '{"id":6,"method":"ping"}\n', -32600, 6],
  ["an id that is none", '{"jsonrpc":"2.0","id":null,"method":"ping"}\n', -32600, null],
])("a line that is %s is answered, and the next is read", async (_, line, code, id) => {
  expect(await answersTo(line)).toMatchObject([
    { jsonrpc: "2.0", id, error: { code, message: expect.stringContaining("nothing was done") } },
  ]);
});

test("a line that is far too long is answered, and the next is read", async () => {
  const huge = Buffer.alloc(12 * 1024 * 1024, "x");
  expect(await answersTo('{"jsonrpc":"2.0","id":7,"method":"', huge, '"}\n')).toMatchObject([
    { id: null, error: { code: -32600, message: expect.stringContaining("at most 10485760 bytes") } },
  ]);
});

test("messages in pieces, with Windows line ends and with empty lines between are messages", async () => {
  const letter = Buffer.from('{"jsonrpc":"2.0","id":"ä","method":"ping"}\r\n');
  const at = letter.indexOf(0xc3) + 1;
  expect(await answersTo("\n", letter.subarray(0, at), letter.subarray(at), "\r\n")).toEqual([
    { jsonrpc: "2.0", id: "ä", result: {} },
  ]);
});
