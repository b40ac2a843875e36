/** A tool as a model is told of it; `input` is a JSON Schema of an object. */
interface ToolSpec {
  readonly name: string;
  readonly description: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** A model asks for a tool. */
export interface ToolCall {
  /** Unique within the conversation. */
  readonly id: string;
  readonly name: string;
  /** The arguments as parsed JSON; absent where what came was none. */
  readonly input?: unknown;
  /** What came instead of JSON, for the answer that says so. */
  readonly malformed?: string | undefined;
}

export interface ToolResult {
  readonly call: ToolCall;
  readonly text: string;
  readonly isError: boolean;
}

/** One entry of a conversation, as the transcript keeps it. */
export type Message =
  | { readonly role: "user"; readonly text: string }
  | { readonly role: "tools"; readonly results: readonly ToolResult[] }
  | AssistantMessage;

interface AssistantMessage {
  readonly role: "assistant";
  readonly text: string;
  readonly calls: readonly ToolCall[];
  /** The vendor's own form of this message: what it signed or hid in it has to come back to it unchanged. */
  readonly raw?: unknown;
}

/** Tokens, as the vendor counted them. `cached` is the part of `input` that was read from a cache. */
export interface Usage {
  readonly input: number;
  readonly output: number;
  readonly cached: number;
}

/**
 * Why a model stopped: it said what it wanted (`end`), it wants tools, it ran into `maxTokens`, or it (or a filter
 * in front of it) will not answer.
 */
export type Stop = "end" | "tools" | "length" | "refusal";

export interface Turn {
  readonly message: AssistantMessage;
  readonly stop: Stop;
  readonly usage: Usage;
}

export interface TurnRequest {
  readonly system: string;
  readonly messages: readonly Message[];
  readonly tools: readonly ToolSpec[];
  /** The most that the model may say in this turn. */
  readonly maxTokens: number;
}

interface TurnOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with each piece of text as it comes. A turn that is tried again begins anew: see `onRetry`. */
  readonly onText?: ((text: string) => void) | undefined;
}

/** A model behind an API, one turn at a time, once. {@link withRetries} is for a turn that failed. */
export interface Provider {
  readonly name: string;
  readonly model: string;
  /** @throws ProviderError; whatever `signal` was aborted with */
  turn(request: TurnRequest, options: TurnOptions): Promise<Turn>;
  /**
   * Asks the server whether it takes the key and knows the model, in one request that spends no tokens.
   *
   * @returns false where the server has no way to tell of its models
   * @throws ProviderError; whatever `signal` was aborted with
   */
  check(signal?: AbortSignal): Promise<boolean>;
}

/** What a provider is made from; nothing here is read from the environment by the vendors' own code. */
export interface ProviderSettings {
  readonly model: string;
  readonly key: string;
  readonly baseUrl?: string | undefined;
  /** No word from the server for so long, and it hangs. Milliseconds. */
  readonly idleMs: number;
}
