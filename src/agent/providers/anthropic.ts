import Anthropic from "@anthropic-ai/sdk";
import { collect, type Exchange, exchange } from "./exchange.ts";
import type { Message, Provider, ProviderSettings, Stop, ToolCall, Turn, TurnRequest } from "./provider.ts";
import { cutStream } from "./provider-error.ts";
import { objectOf, readCall } from "./tool-input.ts";

const NAME = "anthropic";

/** The Messages API, streamed. Source: the vendor's SDK and its types. */
export function openAnthropic(settings: ProviderSettings): Provider {
  return {
    name: NAME,
    model: settings.model,
    turn: (request, { signal, onText }) =>
      exchange(NAME, settings.idleMs, signal, async (watched) => {
        const events = await clientOf(settings, watched).messages.create(requestOf(settings.model, request), {
          signal: watched.signal,
        });
        return await collect(events, new Answer(), onText);
      }),
    check: (signal) =>
      exchange(NAME, settings.idleMs, signal, async (watched) => {
        await clientOf(settings, watched).models.retrieve(settings.model, {}, { signal: watched.signal });
        return true;
      }),
  };
}

function clientOf({ key, baseUrl }: ProviderSettings, { fetch }: Exchange): Anthropic {
  return new Anthropic({
    apiKey: key,
    authToken: null,
    baseURL: baseUrl ?? "https://api.anthropic.com",
    maxRetries: 0,
    fetch,
  });
}

function requestOf(
  model: string,
  { system, messages, tools, maxTokens }: TurnRequest,
): Anthropic.MessageCreateParamsStreaming {
  return {
    model,
    max_tokens: maxTokens,
    stream: true,
    // The brief and the tools are the same in every turn: the vendor need not read them again.
    system: [{ type: "text", text: system, cache_control: { type: "ephemeral" } }],
    messages: messages.filter(isSaid).map(messageOf),
    tools: tools.map(({ name, description, input }) => ({
      name,
      description,
      input_schema: { ...input, type: "object" as const },
    })),
  };
}

/** A model may end its turn without a word, and the vendor takes no empty message back. */
function isSaid(message: Message): boolean {
  return message.role !== "assistant" || (message.raw as readonly unknown[]).length > 0;
}

function messageOf(message: Message): Anthropic.MessageParam {
  switch (message.role) {
    case "user":
      return { role: "user", content: message.text };
    case "tools":
      return {
        role: "user",
        content: message.results.map(({ call, text, isError }) => ({
          type: "tool_result",
          tool_use_id: call.id,
          content: text,
          is_error: isError,
        })),
      };
    case "assistant":
      return { role: "assistant", content: message.raw as Anthropic.ContentBlockParam[] };
  }
}

const STOPS: Readonly<Record<string, Stop>> = {
  tool_use: "tools",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  refusal: "refusal",
};

/** Puts an answer together from the events of its stream. */
class Answer {
  readonly #blocks = new Map<number, { block: Anthropic.ContentBlock; json: string }>();
  #usage = { input: 0, output: 0, cached: 0 };
  #stop: string | null = null;

  /** @returns the text that it brought, if any */
  add(event: Anthropic.RawMessageStreamEvent): string {
    switch (event.type) {
      case "message_start":
        this.#count(event.message.usage);
        return "";
      case "content_block_start":
        this.#blocks.set(event.index, { block: event.content_block, json: "" });
        return event.content_block.type === "text" ? event.content_block.text : "";
      case "content_block_delta":
        return this.#addDelta(event);
      case "message_delta":
        this.#stop = event.delta.stop_reason;
        this.#count(event.usage);
        return "";
      default:
        return "";
    }
  }

  end(): Turn {
    if (this.#stop === null) throw cutStream(NAME);
    const blocks = [...this.#blocks.values()];
    const calls: ToolCall[] = [];
    const raw: Anthropic.ContentBlock[] = [];
    for (const { block, json } of blocks) {
      // The vendor writes such blocks, and refuses them when they come back.
      if (block.type === "text" && block.text.trim() === "") continue;
      if (block.type !== "tool_use") raw.push(block);
      else {
        const call = readCall(block.id, block.name, json);
        calls.push(call);
        raw.push({ ...block, input: objectOf(call.input) });
      }
    }
    const text = blocks.map(({ block }) => (block.type === "text" ? block.text : "")).join("");
    return {
      message: { role: "assistant", text, calls, raw },
      stop: STOPS[this.#stop] ?? "end",
      usage: this.#usage,
    };
  }

  #addDelta({ index, delta }: Anthropic.RawContentBlockDeltaEvent): string {
    const found = this.#blocks.get(index);
    if (found === undefined) return "";
    const { block } = found;
    if (delta.type === "input_json_delta") found.json += delta.partial_json;
    if (delta.type === "thinking_delta" && block.type === "thinking") block.thinking += delta.thinking;
    if (delta.type === "signature_delta" && block.type === "thinking") block.signature = delta.signature;
    if (delta.type !== "text_delta" || block.type !== "text") return "";
    block.text += delta.text;
    return delta.text;
  }

  /** The vendor leaves out of `input_tokens` what it wrote to a cache or read from one. */
  #count(usage: Counted | undefined): void {
    if (!usage) return;
    const cached = usage.cache_read_input_tokens ?? this.#usage.cached;
    const input =
      typeof usage.input_tokens === "number"
        ? usage.input_tokens + (usage.cache_creation_input_tokens ?? 0) + cached
        : this.#usage.input;
    this.#usage = { input, output: usage.output_tokens ?? this.#usage.output, cached };
  }
}

type Counted = Pick<
  Anthropic.MessageDeltaUsage,
  "input_tokens" | "output_tokens" | "cache_creation_input_tokens" | "cache_read_input_tokens"
>;
