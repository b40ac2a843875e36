import OpenAI from "openai";
import { collect, type Exchange, exchange } from "./exchange.ts";
import type { Message, Provider, ProviderSettings, Stop, Turn, TurnRequest } from "./provider.ts";
import { cutStream, httpFailure } from "./provider-error.ts";
import { objectOf, readCall } from "./tool-input.ts";

const NAME = "openai";

/**
 * The Chat Completions API, streamed: the one that other vendors' and local servers speak too. Source: the vendor's
 * SDK and its types.
 */
export function openOpenAi(settings: ProviderSettings): Provider {
  return {
    name: NAME,
    model: settings.model,
    turn: (request, { signal, onText }) =>
      exchange(NAME, settings.idleMs, signal, async (watched) => {
        const chunks = await clientOf(settings, watched).chat.completions.create(
          requestOf(settings, request),
          {
            signal: watched.signal,
          },
        );
        return await collect(chunks, new Answer(request.messages.length), onText);
      }),
    check: (signal) =>
      exchange(NAME, settings.idleMs, signal, async (watched) => {
        const { models } = clientOf(settings, watched);
        if (settings.baseUrl === undefined) {
          await models.retrieve(settings.model, { signal: watched.signal });
          return true;
        }
        return await isListed(models, settings.model, watched.signal);
      }),
  };
}

/** Other servers list their models, if anything; few of them tell of one. */
async function isListed(models: OpenAI.Models, model: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { data } = await models.list({ signal });
    if (data.some(({ id }) => id === model)) return true;
  } catch (error) {
    if (error instanceof OpenAI.NotFoundError) return false;
    throw error;
  }
  throw httpFailure(NAME, { status: 404, said: `${model} is not among its models` });
}

function clientOf({ key, baseUrl }: ProviderSettings, { fetch }: Exchange): OpenAI {
  return new OpenAI({
    apiKey: key,
    organization: null,
    project: null,
    baseURL: baseUrl ?? "https://api.openai.com/v1",
    maxRetries: 0,
    fetch,
  });
}

function requestOf(
  { model, baseUrl }: ProviderSettings,
  { system, messages, tools, maxTokens }: TurnRequest,
): OpenAI.ChatCompletionCreateParamsStreaming {
  return {
    model,
    stream: true,
    stream_options: { include_usage: true },
    // The vendor renamed it for its reasoning models; other servers know the name from before.
    ...(baseUrl === undefined ? { max_completion_tokens: maxTokens } : { max_tokens: maxTokens }),
    messages: [{ role: "system", content: system }, ...messages.flatMap(messagesOf)],
    // An empty list is refused.
    ...(tools.length === 0
      ? {}
      : {
          tools: tools.map(({ name, description, input }) => ({
            type: "function" as const,
            function: { name, description, parameters: { ...input } },
          })),
        }),
  };
}

function messagesOf(message: Message): OpenAI.ChatCompletionMessageParam[] {
  switch (message.role) {
    case "user":
      return [{ role: "user", content: message.text }];
    case "tools":
      return message.results.map(({ call, text, isError }) => ({
        role: "tool",
        tool_call_id: call.id,
        content: isError ? `error: ${text}` : text,
      }));
    case "assistant": {
      const { reasoning, signed } = (message.raw ?? {}) as Hidden;
      const calls = message.calls.map(({ id, name, input }) => ({
        id,
        type: "function" as const,
        function: { name, arguments: JSON.stringify(objectOf(input)) },
        ...(signed?.[id] === undefined ? {} : { extra_content: signed[id] }),
      }));
      return [
        {
          role: "assistant",
          content: message.text,
          ...(reasoning === undefined ? {} : { reasoning_content: reasoning }),
          ...(calls.length === 0 ? {} : { tool_calls: calls }),
        },
      ];
    }
  }
}

/**
 * What other vendors' servers add to the form, and refuse a conversation without: what the model thought (DeepSeek, Kimi),
 * and what is signed in its calls (Gemini), by their ids.
 */
interface Hidden {
  readonly reasoning?: string;
  readonly signed?: Readonly<Record<string, unknown>>;
}

type Delta = Partial<OpenAI.ChatCompletionChunk.Choice.Delta> & { reasoning_content?: string | null };
type CallPiece = OpenAI.ChatCompletionChunk.Choice.Delta.ToolCall & { extra_content?: unknown };

/** A call as far as it has come. */
interface OpenCall {
  readonly index: number | undefined;
  id: string;
  name: string;
  json: string;
  extra?: unknown;
}

const STOPS: Readonly<Record<string, Stop>> = {
  tool_calls: "tools",
  function_call: "tools",
  length: "length",
  content_filter: "refusal",
};

/** Puts an answer together from the chunks of its stream. */
class Answer {
  readonly #calls: OpenCall[] = [];
  readonly #turn: number;
  #text = "";
  #reasoning = "";
  #isRefused = false;
  #usage = { input: 0, output: 0, cached: 0 };
  #stop: string | null = null;

  /** @param turn makes the ids of calls unique where the server gives none */
  constructor(turn: number) {
    this.#turn = turn;
  }

  /** @returns the text that it brought, if any */
  add({ choices, usage }: OpenAI.ChatCompletionChunk): string {
    if (usage) {
      const cached = usage.prompt_tokens_details?.cached_tokens ?? 0;
      this.#usage = { input: usage.prompt_tokens ?? 0, output: usage.completion_tokens ?? 0, cached };
    }
    const choice = choices?.[0];
    if (choice === undefined) return "";
    this.#stop = choice.finish_reason ?? this.#stop;
    const delta: Delta = choice.delta ?? {};
    const { tool_calls: calls, refusal, content, reasoning_content: reasoning } = delta;
    this.#reasoning += reasoning ?? "";
    for (const part of calls ?? []) this.#addCall(part);
    if (refusal) this.#isRefused = true;
    const text = (content ?? "") + (refusal ?? "");
    this.#text += text;
    return text;
  }

  end(): Turn {
    if (this.#stop === null) throw cutStream(NAME);
    const named = this.#calls.map((call, i) => ({ ...call, id: call.id || `call-${this.#turn}-${i}` }));
    const calls = named.map(({ id, name, json }) => readCall(id, name, json));
    // Some servers say "stop" though they ask for tools.
    const stop = this.#isRefused ? "refusal" : (STOPS[this.#stop] ?? (calls.length > 0 ? "tools" : "end"));
    const raw = this.#hidden(named);
    const message = { role: "assistant" as const, text: this.#text, calls };
    return { message: raw === null ? message : { ...message, raw }, stop, usage: this.#usage };
  }

  /** Null where the server keeps to the form. */
  #hidden(calls: readonly OpenCall[]): Hidden | null {
    const signed = calls.filter(({ extra }) => extra !== undefined).map(({ id, extra }) => [id, extra]);
    if (this.#reasoning === "" && signed.length === 0) return null;
    return {
      ...(this.#reasoning === "" ? {} : { reasoning: this.#reasoning }),
      ...(signed.length === 0 ? {} : { signed: Object.fromEntries(signed) }),
    };
  }

  /**
   * Some servers number no call, or every one alike: another id with a name begins another call. Others say the whole name
   * with each piece.
   */
  #addCall(part: CallPiece): void {
    const { index, id, extra_content: extra } = part;
    const open = this.#calls.findLast((call) => call.index === index);
    const isSame = open !== undefined && (!id || open.id === "" || open.id === id || !part.function?.name);
    const call: OpenCall = isSame ? open : { index, id: "", name: "", json: "" };
    if (!isSame) this.#calls.push(call);
    if (id) call.id = id;
    if (extra !== undefined) call.extra = extra;
    const name = part.function?.name ?? "";
    if (name !== call.name) call.name += name;
    call.json += part.function?.arguments ?? "";
  }
}
