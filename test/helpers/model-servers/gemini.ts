import {
  type ModelServer,
  type Script,
  sendEvents,
  sendJson,
  startModelServer,
  type Turn,
} from "./model-server.ts";

/** Google's generateContent, streamed and whole, as far as a client with tools needs it. */
export async function startGeminiServer(script: Script): Promise<ModelServer> {
  return await startModelServer(
    {
      isTurn: ({ path, body }) =>
        path.includes(":streamGenerateContent") && Array.isArray(body.tools) && body.tools.length > 0,
      answer: (turn, _request, response) => sendEvents(response, [chunkOf(turn)], false),
      aside: ({ path }, response) => {
        if (path.includes(":countTokens")) sendJson(response, { totalTokens: 100 });
        else if (path.includes(":stream")) sendEvents(response, [chunkOf({ text: "Aside." })], false);
        else sendJson(response, chunkOf({ text: "{}" }));
      },
    },
    script,
  );
}

function chunkOf(turn: Turn) {
  const part = "text" in turn ? { text: turn.text } : { functionCall: { name: turn.tool, args: turn.input } };
  return {
    candidates: [{ content: { role: "model", parts: [part] }, finishReason: "STOP", index: 0 }],
    usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 },
    modelVersion: "scripted",
  };
}
