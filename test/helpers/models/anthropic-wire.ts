import type { ScriptedAnswer, Wire } from "./answer.ts";

const event = (data: { type: string }) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;

/** Server-sent events of the Messages API. Source: the vendor's API reference, "Streaming messages". */
export const anthropicWire: Wire = {
  stream(answer, count) {
    const usage = answer.usage ?? { input: 10, output: 5, cached: 0 };
    let index = 0;
    const block = (start: object, deltas: readonly object[]) => {
      const at = index++;
      return [
        event({ type: "content_block_start", index: at, content_block: start } as { type: string }),
        ...deltas.map((delta) =>
          event({ type: "content_block_delta", index: at, delta } as { type: string }),
        ),
        event({ type: "content_block_stop", index: at } as { type: string }),
      ].join("");
    };
    const message = {
      id: `msg_${count}`,
      type: "message",
      role: "assistant",
      model: "scripted",
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: {
        input_tokens: usage.input - usage.cached,
        cache_read_input_tokens: usage.cached,
        cache_creation_input_tokens: 0,
        output_tokens: 1,
      },
    };
    const text = answer.text ?? [];
    const events = [
      event({ type: "message_start", message } as { type: string }),
      event({ type: "ping" }),
      ...(answer.thinking === undefined
        ? []
        : [
            block({ type: "thinking", thinking: "", signature: "" }, [
              { type: "thinking_delta", thinking: answer.thinking.text.slice(0, 4) },
              { type: "thinking_delta", thinking: answer.thinking.text.slice(4) },
              { type: "signature_delta", signature: answer.thinking.signature },
            ]),
          ]),
      ...(text.length === 0
        ? []
        : [
            block(
              { type: "text", text: "" },
              text.map((piece) => ({ type: "text_delta", text: piece })),
            ),
          ]),
      ...(answer.calls ?? []).map(({ name, input }, i) =>
        block(
          { type: "tool_use", id: `toolu_${count}_${i}`, name, input: {} },
          pieces(input).map((piece) => ({ type: "input_json_delta", partial_json: piece })),
        ),
      ),
    ];
    const delta = { stop_reason: stopOf(answer), stop_sequence: null };
    const end = [
      event({ type: "message_delta", delta, usage: { output_tokens: usage.output } } as { type: string }),
      event({ type: "message_stop" }),
    ];
    return { events: events.join(""), end: end.join("") };
  },
  refuses: (body) =>
    (body as { messages: { role: string; content: unknown }[] }).messages.some(({ role, content }) => {
      const blocks: { type: string; text?: string; input?: unknown }[] = Array.isArray(content)
        ? content
        : [];
      const isEmpty = role === "assistant" && blocks.length === 0;
      return isEmpty || blocks.some(({ type, text = "" }) => type === "text" && text.trim() === "");
    }),
  alive: event({ type: "ping" }),
  failure: (status) => ({
    type: "error",
    error: { type: status === 529 ? "overloaded_error" : "api_error", message: `scripted failure ${status}` },
  }),
  model: (path) =>
    path === "/v1/models/scripted"
      ? { type: "model", id: "scripted", display_name: "Scripted", created_at: "2026-01-01T00:00:00Z" }
      : null,
  // Newer SDKs send it as a bearer, older ones and the vendor's own CLI in a header of its own.
  hasKey: ({ headers }, key) => headers.authorization === `Bearer ${key}` || headers["x-api-key"] === key,
};

function stopOf({ stop, calls }: ScriptedAnswer): string {
  if (stop === "length") return "max_tokens";
  if (stop === "refusal") return "refusal";
  return calls === undefined ? "end_turn" : "tool_use";
}

/** As text, in two pieces, so that whoever parses them one by one fails. */
function pieces(input: unknown): string[] {
  const text = typeof input === "string" ? input : JSON.stringify(input);
  return [text.slice(0, 3), text.slice(3)];
}
