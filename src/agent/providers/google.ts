import {
  type Candidate,
  type Content,
  type GenerateContentParameters,
  type GenerateContentResponse,
  GoogleGenAI,
  type Part,
} from "@google/genai";
import { collect, type Exchange, exchange } from "./exchange.ts";
import type { Message, Provider, ProviderSettings, Stop, ToolCall, Turn, TurnRequest } from "./provider.ts";
import { cutStream } from "./provider-error.ts";

const NAME = "google";

/** The Gemini API's generateContent, streamed. Source: the vendor's SDK and its types. */
export function openGoogle(settings: ProviderSettings): Provider {
  return {
    name: NAME,
    model: settings.model,
    turn: (request, { signal, onText }) =>
      exchange(NAME, settings.idleMs, signal, async (watched) => {
        const chunks = await clientOf(settings, watched).models.generateContentStream(
          requestOf(settings.model, request, watched.signal),
        );
        return await collect(chunks, new Answer(request.messages.length), onText);
      }),
    check: (signal) =>
      exchange(NAME, settings.idleMs, signal, async (watched) => {
        const config = { abortSignal: watched.signal };
        await clientOf(settings, watched).models.get({ model: settings.model, config });
        return true;
      }),
  };
}

function clientOf({ key, baseUrl }: ProviderSettings, { fetch }: Exchange): GoogleGenAI {
  return new GoogleGenAI({
    vertexai: false,
    apiKey: key,
    httpOptions: { baseUrl: baseUrl ?? "https://generativelanguage.googleapis.com", fetch },
  });
}

function requestOf(
  model: string,
  { system, messages, tools, maxTokens }: TurnRequest,
  abortSignal: AbortSignal,
): GenerateContentParameters {
  return {
    model,
    contents: messages.map(contentOf).filter(({ parts }) => parts?.length !== 0),
    config: {
      abortSignal,
      systemInstruction: system,
      maxOutputTokens: maxTokens,
      automaticFunctionCalling: { disable: true },
      ...(tools.length === 0
        ? {}
        : {
            tools: [
              {
                functionDeclarations: tools.map(({ name, description, input }) => ({
                  name,
                  description,
                  parametersJsonSchema: input,
                })),
              },
            ],
          }),
    },
  };
}

function contentOf(message: Message): Content {
  switch (message.role) {
    case "user":
      return { role: "user", parts: [{ text: message.text }] };
    case "tools":
      return {
        role: "user",
        parts: message.results.map(({ call, text, isError }) =>
          call.malformed === undefined
            ? {
                functionResponse: {
                  id: call.id,
                  name: call.name,
                  response: { [isError ? "error" : "output"]: text },
                },
              }
            : // The vendor kept the call to itself, and takes no response to what it does not know.
              { text: `error: ${text}` },
        ),
      };
    case "assistant":
      return { role: "model", parts: message.raw as Part[] };
  }
}

const REFUSALS = new Set<string | undefined>([
  "SAFETY",
  "RECITATION",
  "LANGUAGE",
  "BLOCKLIST",
  "PROHIBITED_CONTENT",
  "SPII",
  "IMAGE_SAFETY",
]);

/** Puts an answer together from the chunks of its stream. */
class Answer {
  readonly #turn: number;
  readonly #parts: Part[] = [];
  #usage = { input: 0, output: 0, cached: 0 };
  #stop: string | undefined;
  #isBlocked = false;

  /** @param turn makes the ids of calls unique where the vendor gives none */
  constructor(turn: number) {
    this.#turn = turn;
  }

  /** @returns the text that it brought, if any */
  add({ candidates, usageMetadata: usage, promptFeedback }: GenerateContentResponse): string {
    if (promptFeedback?.blockReason !== undefined) this.#isBlocked = true;
    if (usage !== undefined) {
      this.#usage = {
        input: usage.promptTokenCount ?? 0,
        output: (usage.candidatesTokenCount ?? 0) + (usage.thoughtsTokenCount ?? 0),
        cached: usage.cachedContentTokenCount ?? 0,
      };
    }
    return this.#addCandidate(candidates?.[0]);
  }

  end(): Turn {
    if (this.#stop === undefined && !this.#isBlocked) throw cutStream(NAME);
    const calls = this.#parts.flatMap(({ functionCall: call }): ToolCall[] =>
      call === undefined ? [] : [{ id: call.id ?? "", name: call.name ?? "", input: call.args ?? {} }],
    );
    // The vendor parses the arguments itself; where it cannot, it says only that it could not.
    if (this.#stop === "MALFORMED_FUNCTION_CALL" || this.#stop === "UNEXPECTED_TOOL_CALL") {
      calls.push({ id: `call-${this.#turn}-malformed`, name: "", malformed: this.#stop });
    }
    const text = this.#parts.map(wordsOf).join("");
    return {
      message: { role: "assistant", text, calls, raw: this.#parts },
      stop: this.#stopOf(calls),
      usage: this.#usage,
    };
  }

  #stopOf(calls: readonly ToolCall[]): Stop {
    if (this.#isBlocked || REFUSALS.has(this.#stop)) return "refusal";
    if (this.#stop === "MAX_TOKENS") return "length";
    return calls.length > 0 ? "tools" : "end";
  }

  #addCandidate(candidate: Candidate | undefined): string {
    this.#stop = candidate?.finishReason ?? this.#stop;
    const parts = candidate?.content?.parts ?? [];
    for (const part of parts) {
      if (isEmpty(part)) continue;
      const { functionCall: call } = part;
      const id = `call-${this.#turn}-${this.#parts.length}`;
      this.#parts.push(call === undefined ? part : { ...part, functionCall: { ...call, id: call.id ?? id } });
    }
    return parts.map(wordsOf).join("");
  }
}

/** The vendor ends its answers with such parts, and refuses a message of nothing else when it comes back. */
function isEmpty(part: Part): boolean {
  return part.text === "" && Object.keys(part).length === 1;
}

function wordsOf({ text, thought }: Part): string {
  return thought === true ? "" : (text ?? "");
}
