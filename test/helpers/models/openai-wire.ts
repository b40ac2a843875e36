import type { ScriptedAnswer, Wire } from "./answer.ts";

/** What of a message of the conversation a server of one's own parses. */
interface Asked {
  readonly tool_calls?: readonly { readonly function: { readonly arguments: string } }[];
}

/** Server-sent events of the Chat Completions API. Source: the vendor's API reference, "Streaming". */
export const openAiWire: Wire = {
  stream(answer, count) {
    const usage = answer.usage ?? { input: 10, output: 5, cached: 0 };
    const chunk = (fields: object) =>
      `data: ${JSON.stringify({ id: `chatcmpl-${count}`, object: "chat.completion.chunk", created: 0, model: "scripted", ...fields })}\n\n`;
    const delta = (part: object, finish: string | null = null) =>
      chunk({ choices: [{ index: 0, delta: part, finish_reason: finish }] });
    const isRefusal = answer.stop === "refusal";
    const events = [
      delta({ role: "assistant", content: "" }),
      ...(answer.text ?? []).map((piece) => delta(isRefusal ? { refusal: piece } : { content: piece })),
      ...(answer.calls ?? []).flatMap(({ name, input }, index) => {
        const text = typeof input === "string" ? input : JSON.stringify(input);
        const call = { index, id: `call_${count}_${index}`, type: "function" };
        return [
          delta({ tool_calls: [{ ...call, function: { name, arguments: "" } }] }),
          delta({ tool_calls: [{ index, function: { arguments: text.slice(0, 3) } }] }),
          delta({ tool_calls: [{ index, function: { arguments: text.slice(3) } }] }),
        ];
      }),
    ];
    const counted = {
      prompt_tokens: usage.input,
      completion_tokens: usage.output,
      total_tokens: usage.input + usage.output,
      prompt_tokens_details: { cached_tokens: usage.cached },
    };
    const end = [delta({}, stopOf(answer)), chunk({ choices: [], usage: counted }), "data: [DONE]\n\n"];
    return { events: events.join(""), end: end.join("") };
  },
  // What the vendor lets pass, servers of one's own do not: they parse the arguments for the model's template.
  refuses: (body) =>
    (body as { messages: Asked[] }).messages.some(({ tool_calls: calls = [] }) =>
      calls.some((call) => !/^\{[\s\S]*\}$/.test(call.function.arguments)),
    ),
  alive: ": keep-alive\n\n",
  failure: (status) => ({
    error: { message: `scripted failure ${status}`, type: "server_error", code: null, param: null },
  }),
  model: (path) => {
    const model = { id: "scripted", object: "model", created: 1_770_000_000, owned_by: "tests" };
    if (path === "/v1/models") return { object: "list", data: [model] };
    return path === "/v1/models/scripted" ? model : null;
  },
  hasKey: ({ headers }, key) => headers.authorization === `Bearer ${key}`,
};

function stopOf({ stop, calls }: ScriptedAnswer): string {
  if (stop === "length") return "length";
  return calls === undefined ? "stop" : "tool_calls";
}
