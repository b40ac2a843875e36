import {
  type ModelServer,
  type Script,
  sendEvents,
  sendJson,
  startModelServer,
  type Turn,
} from "./model-server.ts";

/** OpenAI's Responses API, as far as a client with tools needs it. */
export async function startOpenaiServer(script: Script): Promise<ModelServer> {
  return await startModelServer(
    {
      isTurn: ({ path, body }) => path.endsWith("/responses") && body.stream === true,
      answer: (turn, { body }, response) => sendEvents(response, eventsOf(turn, String(body.model)), true),
      aside: (_request, response) => sendJson(response, { object: "list", data: [] }),
    },
    script,
  );
}

let calls = 0;

function eventsOf(turn: Turn, model: string) {
  calls += 1;
  const id = `resp_${calls}`;
  const item =
    "text" in turn
      ? {
          type: "message",
          id: `msg_${calls}`,
          role: "assistant",
          status: "completed",
          content: [{ type: "output_text", text: turn.text, annotations: [] }],
        }
      : {
          type: "function_call",
          id: `fc_${calls}`,
          call_id: `call_${calls}`,
          status: "completed",
          name: turn.tool,
          ...(turn.namespace === undefined ? {} : { namespace: turn.namespace }),
          arguments: JSON.stringify(turn.input),
        };
  const base = { id, object: "response", created_at: 1, model };
  const usage = {
    input_tokens: 10,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 5,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 15,
  };
  return [
    {
      type: "response.created",
      sequence_number: 0,
      response: { ...base, status: "in_progress", output: [] },
    },
    { type: "response.output_item.added", sequence_number: 1, output_index: 0, item },
    { type: "response.output_item.done", sequence_number: 2, output_index: 0, item },
    {
      type: "response.completed",
      sequence_number: 3,
      response: { ...base, status: "completed", output: [item], usage },
    },
  ];
}
