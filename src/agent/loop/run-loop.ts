import { MINUTE_MS } from "../../platform/units-of-time.ts";
import type { Message, Provider, ToolCall, ToolResult, Turn, Usage } from "../providers/provider.ts";
import type { ProviderError } from "../providers/provider-error.ts";
import { withRetries } from "../providers/retry.ts";
import { callTool, failed } from "../tools/call-tool.ts";
import { inputSchema, type Tool, type ToolContext } from "../tools/tool.ts";
import { type Budget, type Price, spentLimit } from "./budget.ts";
import type { TranscriptWriter } from "./transcript.ts";

/** What happens in a conversation, as it happens. */
export type LoopEvent =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "call"; readonly tool: string; readonly text: string }
  | { readonly kind: "result"; readonly tool: string; readonly text: string; readonly isError: boolean }
  | { readonly kind: "usage"; readonly usage: Usage; readonly turns: number }
  | { readonly kind: "retry"; readonly text: string; readonly waitMs: number };

/** Why a conversation is over. `left`: the model stopped though work was left. */
export type Ended = "done" | "budget" | "human" | "left" | "refused" | "length";

export interface LoopReport {
  readonly ended: Ended;
  /** In words, for the hand-over. */
  readonly why: string;
  /** What the model said last. */
  readonly lastWords: string;
  readonly usage: Usage;
  readonly turns: number;
}

export interface LoopSettings {
  readonly provider: Provider;
  readonly system: string;
  readonly tools: readonly Tool[];
  readonly caller: ToolContext;
  readonly budget: Budget;
  readonly price?: Price | undefined;
  /** The most that the model may say in a turn; {@link MAX_TOKENS_A_TURN} unless told. */
  readonly maxTokens?: number | undefined;
  readonly transcript: Pick<TranscriptWriter, "write">;
  readonly tell: (event: LoopEvent) => void;
  readonly signal?: AbortSignal | undefined;
  /** What is still to do, in words for the model; null where the work is done. */
  readonly whatIsLeft: () => string | null;
  /** What a person was asked and what therefore stays; null where nobody was asked. */
  readonly whatWaits: () => string | null;
}

/** Where a conversation stands when the loop takes it over. */
export interface LoopStart {
  readonly messages: readonly Message[];
  readonly usage: Usage;
  readonly turns: number;
}

const MAX_TOKENS_A_TURN = 16_000;

/**
 * Model, tools, model, tools, until the work is done, the budget is spent or a person is needed. Each message is in the
 * transcript before the next thing happens. A turn that is cut off in the middle is taken again as a whole: none of
 * its tools has run.
 *
 * @throws ProviderError where the provider fails for good; whatever `signal` was aborted with
 */
export async function runLoop(settings: LoopSettings, start: LoopStart): Promise<LoopReport> {
  const loop = new Loop(settings, start);
  return await loop.run();
}

class Loop {
  readonly #settings: LoopSettings;
  readonly #messages: Message[];
  readonly #begun: number;
  #usage: Usage;
  #turns: number;
  #reminders = 0;
  #lastWords = "";

  constructor(settings: LoopSettings, start: LoopStart) {
    this.#settings = settings;
    this.#messages = [...start.messages];
    this.#usage = start.usage;
    this.#turns = start.turns;
    this.#begun = settings.caller.context.now().getTime();
  }

  async run(): Promise<LoopReport> {
    await this.#answerOpenCalls();
    for (;;) {
      const limit = this.#spentLimit();
      if (limit !== null) return this.#report("budget", `the budget is spent: ${limit}`);
      const turn = await this.#takeTurn();
      const ended = await this.#follow(turn);
      if (ended !== null) return ended;
    }
  }

  async #takeTurn(): Promise<Turn> {
    const { provider, system, tools, signal, tell, caller, maxTokens } = this.#settings;
    const request = {
      system,
      messages: this.#messages,
      maxTokens: maxTokens ?? MAX_TOKENS_A_TURN,
      tools: tools.map((tool) => ({
        name: tool.name,
        description: tool.description,
        input: inputSchema(tool),
      })),
    };
    const onText = (text: string) => tell({ kind: "text", text });
    const turn = await withRetries(() => provider.turn(request, { signal, onText }), {
      signal,
      attempts: 6,
      firstWaitMs: 1000,
      longestWaitMs: 120_000,
      random: () => (caller.context.randomBytes(1)[0] ?? 0) / 256,
      onRetry: (error: ProviderError, waitMs) => tell({ kind: "retry", text: error.message, waitMs }),
    });
    this.#turns += 1;
    this.#usage = {
      input: this.#usage.input + turn.usage.input,
      output: this.#usage.output + turn.usage.output,
      cached: this.#usage.cached + turn.usage.cached,
    };
    this.#keep(turn.message, turn.usage);
    if (turn.message.text.trim() !== "") this.#lastWords = turn.message.text;
    tell({ kind: "usage", usage: this.#usage, turns: this.#turns });
    return turn;
  }

  /** @returns how it ended, or null to go on */
  async #follow({ message, stop }: Turn): Promise<LoopReport | null> {
    if (stop === "refusal") return this.#report("refused", "the model will not answer");
    if (message.calls.length > 0) {
      await this.#answer(message.calls);
      return null;
    }
    if (stop === "length") return this.#report("length", "the model's answer is longer than a turn may be");
    const left = this.#settings.whatIsLeft();
    if (left === null) return this.#report("done", "nothing is left to do");
    const waits = this.#settings.whatWaits();
    if (waits !== null) return this.#report("human", waits);
    this.#reminders += 1;
    if (this.#reminders > 2) return this.#report("left", "the model stopped though memos are pending");
    this.#keep({ role: "user", text: left });
    return null;
  }

  /** A session that was cut off between a call and its result: what had run then, nobody knows. */
  async #answerOpenCalls(): Promise<void> {
    const last = this.#messages.at(-1);
    if (last?.role !== "assistant" || last.calls.length === 0) return;
    const results = last.calls.map((call) => ({
      call,
      text: "The session was cut off here. This may have been done or not: look before you do it again.",
      isError: true,
    }));
    this.#keep({ role: "tools", results });
  }

  async #answer(calls: readonly ToolCall[]): Promise<void> {
    const results: ToolResult[] = [];
    for (const call of calls) {
      this.#settings.signal?.throwIfAborted();
      results.push(await this.#callTool(call));
    }
    this.#keep({ role: "tools", results });
  }

  async #callTool(call: ToolCall): Promise<ToolResult> {
    const { tools, caller, tell } = this.#settings;
    tell({ kind: "call", tool: call.name, text: JSON.stringify(call.input ?? call.malformed ?? {}) });
    const { text, said, isError } =
      call.malformed === undefined
        ? await callTool(tools, call.name, call.input, caller)
        : failed("the arguments are no JSON; nothing was done");
    tell({ kind: "result", tool: call.name, text: said, isError });
    return { call, text, isError };
  }

  #keep(message: Message, usage?: Usage): void {
    this.#messages.push(message);
    const time = this.#settings.caller.context.now().toISOString();
    this.#settings.transcript.write({
      kind: "message",
      time,
      message,
      ...(usage === undefined ? {} : { usage }),
    });
  }

  #spentLimit(): string | null {
    const { budget, price, caller } = this.#settings;
    const minutes = (caller.context.now().getTime() - this.#begun) / MINUTE_MS;
    return spentLimit(budget, { turns: this.#turns, usage: this.#usage, minutes }, price);
  }

  #report(ended: Ended, why: string): LoopReport {
    return { ended, why, lastWords: this.#lastWords, usage: this.#usage, turns: this.#turns };
  }
}
