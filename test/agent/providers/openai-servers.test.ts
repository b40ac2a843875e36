import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { openOpenAi } from "../../../src/agent/providers/openai.ts";
import type { Message, TurnRequest } from "../../../src/agent/providers/provider.ts";
import { openAiWire } from "../../helpers/models/openai-wire.ts";
import { KEY, serveModel } from "../../helpers/models/server.ts";

function requestOf(messages: readonly Message[]): TurnRequest {
  return { system: "You prepare.", messages, tools: [], maxTokens: 1000 };
}

const hello: readonly Message[] = [{ role: "user", text: "Hello" }];

describe("a server of one's own that speaks the OpenAI form in its own way", () => {
  async function answerOf(...chunks: readonly unknown[]) {
    const server = createServer((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end(
        [...chunks.map((chunk) => JSON.stringify(chunk)), "[DONE]"]
          .map((data) => `data: ${data}\n\n`)
          .join(""),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
      return await openOpenAi({ model: "m", key: KEY, baseUrl, idleMs: 5000 }).turn(requestOf(hello), {});
    } finally {
      server.close();
    }
  }
  const call = (index: number | undefined, id: string, town: string) => ({
    ...(index === undefined ? {} : { index }),
    id,
    type: "function",
    function: { name: "weather", arguments: JSON.stringify({ town }) },
  });

  test.each([0, undefined])("calls that are all numbered %s are several calls", async (index) => {
    const delta = { tool_calls: [call(index, "a", "Ulm"), call(index, "b", "Bonn")] };
    const { message } = await answerOf(
      { choices: [{ delta }] },
      { choices: [{ delta: {}, finish_reason: "stop" }] },
    );
    expect(message.calls.map(({ input }) => input)).toEqual([{ town: "Ulm" }, { town: "Bonn" }]);
  });

  test("a call whose id changes from piece to piece is one call", async () => {
    const piece = (id: string, text: string) => ({
      tool_calls: [{ index: 0, id, function: { arguments: text } }],
    });
    const begin = {
      tool_calls: [{ index: 0, id: "a", function: { name: "weather", arguments: '{"town":' } }],
    };
    const { message } = await answerOf(
      { choices: [{ delta: begin }] },
      { choices: [{ delta: piece("b", '"Ulm"}') }] },
      { choices: [{ finish_reason: "tool_calls" }] },
    );
    expect(message.calls).toMatchObject([{ name: "weather", input: { town: "Ulm" } }]);
  });

  test("a name that is repeated with each piece of a call is the name once", async () => {
    const piece = (text: string) => ({
      tool_calls: [{ index: 0, id: "a", function: { name: "weather", arguments: text } }],
    });
    const { message } = await answerOf(
      { choices: [{ delta: piece('{"town":') }] },
      { choices: [{ delta: piece('"Ulm"}') }] },
      { choices: [{ finish_reason: "tool_calls" }] },
    );
    expect(message.calls).toMatchObject([{ name: "weather", input: { town: "Ulm" } }]);
  });

  test("what it thought and what it signed come back to it, after a transcript was read again", async () => {
    const signed = { google: { thought_signature: "c2lnbmVk" } };
    const first = [
      { choices: [{ delta: { reasoning_content: "The town " } }] },
      { choices: [{ delta: { reasoning_content: "is Ulm." } }] },
      { choices: [{ delta: { tool_calls: [{ ...call(0, "a", "Ulm"), extra_content: signed }] } }] },
      { choices: [{ delta: {}, finish_reason: "tool_calls" }] },
    ];
    const seen: { messages: unknown[] }[] = [];
    const { message } = await answerOf(...first);
    expect(message.text).toBe("");
    const kept = JSON.parse(JSON.stringify(message)) as typeof message;
    const results = kept.calls.map((one) => ({ call: one, text: "rain", isError: false }));
    await using server = await serveModel(openAiWire, ({ body }) => {
      seen.push(body);
      return { text: ["Rain."] };
    });
    const provider = openOpenAi({ model: "m", key: KEY, baseUrl: `${server.url}/v1`, idleMs: 5000 });
    await provider.turn(requestOf([...hello, kept, { role: "tools", results }]), {});
    expect(seen[0]?.messages[2]).toEqual({
      role: "assistant",
      content: "",
      reasoning_content: "The town is Ulm.",
      tool_calls: [{ ...call(undefined, "a", "Ulm"), extra_content: signed }],
    });
  });

  async function refusalOf(status: number, headers: Record<string, string>, code: string) {
    const server = createServer((_, response) => {
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(JSON.stringify({ error: { message: "You exceeded your current quota.", code } }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    const provider = openOpenAi({ model: "m", key: KEY, baseUrl, idleMs: 5000 });
    const error: unknown = await provider.turn(requestOf(hello), {}).catch((thrown: unknown) => thrown);
    server.close();
    return error;
  }

  test("a quota that is used up comes back by no waiting; a limit on how often does, and the error says when", async () => {
    expect(await refusalOf(429, {}, "insufficient_quota")).toMatchObject({
      code: "provider.quota",
      isPassing: false,
      fix: expect.stringContaining("with the vendor"),
    });
    const date = new Date(1_800_000_000_000);
    const after = new Date(date.getTime() + 600_000);
    const headers = { date: date.toUTCString(), "retry-after": after.toUTCString() };
    expect(await refusalOf(429, headers, "rate_limit_exceeded")).toMatchObject({
      code: "provider.rate-limit",
      isPassing: true,
      waitMs: 600_000,
      fix: "wait for 600 s, or raise the limit with the vendor",
    });
  });

  test("one that counts no tokens, or in part, still gives numbers", async () => {
    const { usage, message } = await answerOf(
      { choices: [{ delta: { content: "Hi" }, finish_reason: "stop" }] },
      { usage: { prompt_tokens: 7 } },
    );
    expect(message.text).toBe("Hi");
    expect(usage).toEqual({ input: 7, output: 0, cached: 0 });
  });
});
