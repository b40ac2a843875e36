import type { ScriptedAnswer, Wire } from "./answer.ts";

/** Server-sent events of generateContent. Source: the vendor's API reference, "streamGenerateContent". */
export const googleWire: Wire = {
  stream(answer) {
    const usage = answer.usage ?? { input: 10, output: 5, cached: 0 };
    const chunk = (parts: readonly object[], more: object = {}) => {
      const candidate = { index: 0, content: { role: "model", parts }, ...more };
      const counted = {
        promptTokenCount: usage.input,
        candidatesTokenCount: usage.output,
        cachedContentTokenCount: usage.cached,
        totalTokenCount: usage.input + usage.output,
      };
      return `data: ${JSON.stringify({ candidates: [candidate], usageMetadata: counted })}\r\n\r\n`;
    };
    const calls = (answer.calls ?? []).filter(({ input }) => typeof input !== "string");
    const events = [
      ...(answer.text ?? []).map((text) => chunk([{ text }])),
      ...calls.map(({ name, input }) =>
        chunk([{ functionCall: { name, args: input }, thoughtSignature: "c2lnbmVk" }]),
      ),
    ];
    // The vendor ends with a part that holds nothing.
    return { events: events.join(""), end: chunk([{ text: "" }], { finishReason: stopOf(answer) }) };
  },
  refuses: (body) => {
    const { contents } = body as { contents: { parts: { text?: string }[] }[] };
    const count = (parts: readonly object[] | undefined, key: string) =>
      (parts ?? []).filter((part) => key in part).length;
    return contents.some(({ parts }, i) => {
      const asked = count(contents[i - 1]?.parts, "functionCall");
      const isEmpty = parts.every(
        (part) => "text" in part && part.text === "" && Object.keys(part).length === 1,
      );
      return isEmpty || count(parts, "functionResponse") !== asked;
    });
  },
  alive: ": keep-alive\r\n\r\n",
  failure: (status) => ({ error: { code: status, message: `scripted failure ${status}`, status: "FAILED" } }),
  model: (path) =>
    path === "/v1beta/models/scripted" ? { name: "models/scripted", displayName: "Scripted" } : null,
  hasKey: ({ headers }, key) => headers["x-goog-api-key"] === key,
};

function stopOf({ stop, calls }: ScriptedAnswer): string {
  if (stop === "length") return "MAX_TOKENS";
  if (stop === "refusal") return "SAFETY";
  // The vendor parses the arguments itself, and says so where it could not.
  return calls?.some(({ input }) => typeof input === "string") ? "MALFORMED_FUNCTION_CALL" : "STOP";
}
