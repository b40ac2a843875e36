import { describe, expect, test } from "vitest";
import { openAnthropic } from "../../../src/agent/providers/anthropic.ts";
import { openGoogle } from "../../../src/agent/providers/google.ts";
import { openOpenAi } from "../../../src/agent/providers/openai.ts";
import type { Message, Provider, TurnRequest } from "../../../src/agent/providers/provider.ts";
import { withRetries } from "../../../src/agent/providers/retry.ts";
import type { ScriptedAnswer } from "../../helpers/models/answer.ts";
import { anthropicWire } from "../../helpers/models/anthropic-wire.ts";
import { googleWire } from "../../helpers/models/google-wire.ts";
import { openAiWire } from "../../helpers/models/openai-wire.ts";
import { KEY, type ModelServer, serveModel } from "../../helpers/models/server.ts";

const apis = [
  { name: "anthropic", wire: anthropicWire, open: openAnthropic, base: "" },
  { name: "openai", wire: openAiWire, open: openOpenAi, base: "/v1" },
  { name: "google", wire: googleWire, open: openGoogle, base: "" },
];

const weather = {
  name: "weather",
  description: "what the weather is",
  input: { type: "object", properties: { town: { type: "string" } }, required: ["town"] },
};

function requestWith(messages: readonly Message[]): TurnRequest {
  return { system: "You prepare.", messages, tools: [weather], maxTokens: 1000 };
}

const hello: readonly Message[] = [{ role: "user", text: "Hello" }];

describe.each(apis)("$name", ({ wire, open, base }) => {
  async function withServer<T>(
    script: readonly ScriptedAnswer[],
    act: (provider: Provider, server: ModelServer) => Promise<T>,
    settings: { key?: string; idleMs?: number } = {},
  ): Promise<T> {
    await using server = await serveModel(wire, script);
    const baseUrl = server.url + base;
    return await act(open({ model: "scripted", key: KEY, baseUrl, idleMs: 5000, ...settings }), server);
  }

  test("text comes piece by piece, and whole in the end, with what it cost", async () => {
    const usage = { input: 1200, output: 34, cached: 1000 };
    await withServer([{ text: ["Good ", "mor", "ning 💥"], usage }], async (provider, { seen }) => {
      const pieces: string[] = [];
      const turn = await provider.turn(requestWith(hello), { onText: (text) => pieces.push(text) });
      expect(turn).toMatchObject({ message: { text: "Good morning 💥", calls: [] }, stop: "end", usage });
      expect(pieces.filter((piece) => piece !== "")).toEqual(["Good ", "mor", "ning 💥"]);
      const sent = JSON.stringify(seen[0]?.body);
      for (const part of ["You prepare.", "Hello", "weather", "what the weather is", "town"]) {
        expect(sent).toContain(part);
      }
    });
  });

  test("several tools are called in one turn, and each result goes back to its own call", async () => {
    const towns = [{ town: "Ulm" }, { town: 'a "quoted" town' }, {}];
    const calls = towns.map((input) => ({ name: "weather", input }));
    await withServer([{ text: ["Let me see."], calls }, { text: ["Rain."] }], async (provider, { seen }) => {
      const first = await provider.turn(requestWith(hello), {});
      expect(first.stop).toBe("tools");
      expect(first.message.calls.map(({ name, input }) => ({ name, input }))).toEqual(calls);
      expect(new Set(first.message.calls.map(({ id }) => id)).size).toBe(3);
      const results = first.message.calls.map((call, i) => ({ call, text: `rain ${i}`, isError: i === 2 }));
      const second = await provider.turn(
        requestWith([...hello, first.message, { role: "tools", results }]),
        {},
      );
      expect(second).toMatchObject({ message: { text: "Rain." }, stop: "end" });
      const sent = JSON.stringify(seen[1]?.body);
      for (const i of [0, 1, 2]) expect(sent).toContain(`rain ${i}`);
      for (const { id } of first.message.calls) expect(sent.split(JSON.stringify(id))).toHaveLength(3);
    });
  });

  test("what a vendor signed or hid in its message comes back to it unchanged, after a transcript was read again", async () => {
    const calls = [{ name: "weather", input: { town: "Ulm" } }];
    await withServer([{ calls }, { text: ["Rain."] }], async (provider, { seen }) => {
      const { message } = await provider.turn(requestWith(hello), {});
      const kept = JSON.parse(JSON.stringify(message)) as typeof message;
      const [call] = kept.calls;
      if (call === undefined) throw new Error("no call");
      const results = [{ call, text: "rain", isError: false }];
      await provider.turn(requestWith([...hello, kept, { role: "tools", results }]), {});
      if (wire === googleWire)
        expect(JSON.stringify(seen[1]?.body)).toContain('"thoughtSignature":"c2lnbmVk"');
      expect(JSON.stringify(seen[1]?.body)).toContain("Ulm");
    });
  });

  test("arguments that are no JSON are named, and the conversation goes on", async () => {
    const calls = [{ name: "weather", input: '{"town": ' }];
    await withServer([{ calls }, { text: ["Sorry."] }], async (provider) => {
      const { message } = await provider.turn(requestWith(hello), {});
      const [call] = message.calls;
      expect(call).toMatchObject({ malformed: expect.any(String) });
      expect(call).not.toHaveProperty("input");
      if (call === undefined) throw new Error("no call");
      const results = [{ call, text: "the arguments are no JSON", isError: true }];
      const second = await provider.turn(requestWith([...hello, message, { role: "tools", results }]), {});
      expect(second.message.text).toBe("Sorry.");
    });
  });

  test("a turn without a word goes back in a form that the vendor takes, and so does a call that was no JSON", async () => {
    const calls = [{ name: "weather", input: '{"town": ' }];
    const script = [{ text: [] }, { text: ["\n\n"] }, { calls }, { text: ["Sorry."] }];
    await withServer(script, async (provider, { seen }) => {
      const messages: Message[] = [...hello];
      for (let turn = 0; turn < 2; turn += 1) {
        messages.push((await provider.turn(requestWith(messages), {})).message);
        messages.push({ role: "user", text: "Go on." });
      }
      const { message } = await provider.turn(requestWith(messages), {});
      const results = message.calls.map((call) => ({ call, text: "no JSON", isError: true }));
      await provider.turn(requestWith([...messages, message, { role: "tools", results }]), {});
      expect(JSON.stringify(seen[3]?.body)).toContain("no JSON");
    });
  });

  test("a refusal and a length stop are told apart from an end", async () => {
    const script = [
      { text: ["No."], stop: "refusal" as const },
      { text: ["Long"], stop: "length" as const },
    ];
    await withServer(script, async (provider) => {
      expect((await provider.turn(requestWith(hello), {})).stop).toBe("refusal");
      expect((await provider.turn(requestWith(hello), {})).stop).toBe("length");
    });
  });

  test("a rate limit says how long the server wants to be left alone, and is kept to", async () => {
    const script = [{ status: 429, retryAfter: 0.2 }, { text: ["Now."] }];
    await withServer(script, async (provider, { seen }) => {
      const waits: number[] = [];
      const turn = await withRetries(() => provider.turn(requestWith(hello), {}), {
        attempts: 3,
        firstWaitMs: 60_000,
        longestWaitMs: 60_000,
        random: () => 0,
        onRetry: (error, waitMs) => {
          expect(error).toMatchObject({ code: "provider.rate-limit", exit: 8, isPassing: true });
          waits.push(waitMs);
        },
      });
      expect(turn.message.text).toBe("Now.");
      expect(waits).toEqual([200]);
      expect(seen).toHaveLength(2);
    });
  });

  test.each([500, 503, 529])(
    "%i means that the server cannot answer now, and nothing else tried again",
    async (status) => {
      await withServer([{ status }], async (provider, { seen }) => {
        await expect(provider.turn(requestWith(hello), {})).rejects.toMatchObject({
          code: "provider.overloaded",
          isPassing: true,
          message: expect.stringContaining(`scripted failure ${status}`),
        });
        expect(seen).toHaveLength(1);
      });
    },
  );

  test("a stream that is cut is no answer, though all of its words came", async () => {
    await withServer([{ text: ["All of it."], cut: true }], async (provider) => {
      await expect(provider.turn(requestWith(hello), {})).rejects.toMatchObject({
        code: "provider.cut",
        isPassing: true,
      });
    });
  });

  test("a wrong key is a person's to mend: nobody tries it again", async () => {
    const act = async (provider: Provider) =>
      await expect(provider.turn(requestWith(hello), {})).rejects.toMatchObject({
        code: "provider.key",
        exit: 8,
        isPassing: false,
      });
    await withServer([{ text: ["Hi"] }], act, { key: "another" });
  });

  test.each([[[]], [["Some", "thing"]]])("a server that hangs after %j is left", async (text) => {
    const act = async (provider: Provider) =>
      await expect(provider.turn(requestWith(hello), {})).rejects.toMatchObject({
        code: "provider.hung",
        isPassing: true,
      });
    await withServer([{ text, hang: true }], act, { idleMs: 300 });
  });

  test("a server that only shows that it is there, while the model thinks, does not hang", async () => {
    await using server = await serveModel(wire, [{ text: ["Thought ", "long."], alive: 13 }]);
    const provider = open({ model: "scripted", key: KEY, baseUrl: server.url + base, idleMs: 1000 });
    expect((await provider.turn(requestWith(hello), {})).message.text).toBe("Thought long.");
  });

  test("nobody there is said, with where", async () => {
    const provider = open({ model: "m", key: KEY, baseUrl: `http://127.0.0.1:1${base}`, idleMs: 5000 });
    await expect(provider.turn(requestWith(hello), {})).rejects.toMatchObject({
      code: "provider.unreachable",
      message: expect.stringMatching(/ECONNREFUSED|bad port/),
    });
  });

  test("a person who gives up is not kept waiting, and what they gave up with is what is thrown", async () => {
    await withServer([{ text: ["Wait"], hang: true }], async (provider) => {
      const person = new AbortController();
      const turn = provider.turn(requestWith(hello), {
        signal: person.signal,
        onText: () => person.abort(new Error("enough")),
      });
      await expect(turn).rejects.toThrow("enough");
    });
  });

  test("nothing in the environment turns the SDK to another server or key", async () => {
    const names = ["BASE_URL", "AUTH_TOKEN", "ORG_ID"].flatMap((end) => [
      `ANTHROPIC_${end}`,
      `OPENAI_${end}`,
    ]);
    names.push("GOOGLE_GEMINI_BASE_URL", "GOOGLE_GENAI_USE_VERTEXAI", "GOOGLE_API_KEY");
    const before = names.map((name) => [name, process.env[name]] as const);
    for (const name of names) process.env[name] = name.endsWith("URL") ? "http://127.0.0.1:9" : "true";
    try {
      await withServer([{ text: ["Here."] }], async (provider, { seen }) => {
        expect((await provider.turn(requestWith(hello), {})).message.text).toBe("Here.");
        expect(JSON.stringify(seen[0]?.headers)).not.toContain('"true"');
      });
    } finally {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
  });
});

test("what Claude thought before it called a tool goes back to it with its signature, unchanged and first", async () => {
  const thinking = { text: "The town is Ulm.", signature: "c2lnbmVk" };
  const calls = [{ name: "weather", input: { town: "Ulm" } }];
  await using server = await serveModel(anthropicWire, [{ thinking, calls }, { text: ["Rain."] }]);
  const provider = openAnthropic({ model: "scripted", key: KEY, baseUrl: server.url, idleMs: 5000 });
  const { message } = await provider.turn(requestWith(hello), {});
  expect(message.text).toBe("");
  const results = message.calls.map((call) => ({ call, text: "rain", isError: false }));
  await provider.turn(requestWith([...hello, message, { role: "tools", results }]), {});
  expect(server.seen[1]?.body.messages[1].content).toMatchObject([
    { type: "thinking", thinking: thinking.text, signature: thinking.signature },
    { type: "tool_use", name: "weather", input: { town: "Ulm" } },
  ]);
});
