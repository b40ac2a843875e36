import type { ServerResponse } from "node:http";
import {
  type ModelServer,
  type Script,
  sendEvents,
  sendJson,
  startModelServer,
  type Turn,
} from "./model-server.ts";

/** Anthropic's Messages API, as far as a client with tools needs it. */
export async function startAnthropicServer(script: Script): Promise<ModelServer> {
  return await startModelServer(
    {
      isTurn: ({ path, body }) =>
        /\/messages(\?|$)/.test(path) &&
        Array.isArray(body.tools) &&
        body.tools.length > 0 &&
        body.stream === true,
      answer: (turn, { body }, response) => answer(turn, String(body.model), response),
      aside: ({ path, body }, response) => {
        if (path.includes("count_tokens")) sendJson(response, { input_tokens: 100 });
        else if (body.stream === true) answer({ text: "Aside." }, String(body.model), response);
        else
          sendJson(response, { ...message(String(body.model)), content: [{ type: "text", text: "Aside." }] });
      },
    },
    script,
  );
}

let calls = 0;

function message(model: string) {
  calls += 1;
  return {
    id: `msg_${calls}`,
    type: "message",
    role: "assistant",
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 10, output_tokens: 1 },
  };
}

function answer(turn: Turn, model: string, response: ServerResponse): void {
  const block =
    "text" in turn
      ? { type: "text", text: "" }
      : { type: "tool_use", id: `toolu_${calls + 1}`, name: turn.tool, input: {} };
  const delta =
    "text" in turn
      ? { type: "text_delta", text: turn.text }
      : { type: "input_json_delta", partial_json: JSON.stringify(turn.input) };
  const events = [
    { type: "message_start", message: message(model) },
    { type: "content_block_start", index: 0, content_block: block },
    { type: "content_block_delta", index: 0, delta },
    { type: "content_block_stop", index: 0 },
    {
      type: "message_delta",
      delta: { stop_reason: "text" in turn ? "end_turn" : "tool_use", stop_sequence: null },
      usage: { output_tokens: 5 },
    },
    { type: "message_stop" },
  ];
  sendEvents(response, events, true);
}
