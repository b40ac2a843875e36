/** What a scripted model answers to one request, before it is put into a vendor's words. */
export interface ScriptedAnswer {
  /** In as many pieces as they are streamed. */
  readonly text?: readonly string[];
  /** What the vendor lets the model think aloud before, and signs; the others have no such thing. */
  readonly thinking?: { readonly text: string; readonly signature: string };
  readonly calls?: readonly {
    readonly name: string;
    /** Parsed, or the text of something that is no JSON. */
    readonly input: unknown | string;
  }[];
  readonly stop?: "length" | "refusal";
  readonly usage?: { readonly input: number; readonly output: number; readonly cached: number };
  /** Answers with this HTTP status and no stream. */
  readonly status?: number;
  /** Seconds, with `status`. */
  readonly retryAfter?: number;
  /** The connection ends after the text, without the end of the stream. */
  readonly cut?: boolean;
  /** Nothing comes after the text, and the connection stays open. */
  readonly hang?: boolean;
  /** So many signs of life come before the stream, a tenth of a second apart. */
  readonly alive?: number;
}

/** One request that a scripted server got. */
export interface SeenRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  // biome-ignore lint/suspicious/noExplicitAny: a vendor's body, which each test reads as it needs
  readonly body: any;
}

/** How a vendor writes an answer: the events of its stream, and the body of a failure. */
export interface Wire {
  /** All that is streamed, and what ends it apart, for the answer that is cut off. */
  stream(answer: ScriptedAnswer, count: number): { readonly events: string; readonly end: string };
  failure(status: number): unknown;
  /** What the vendor sends, now and then, while there is nothing to say. */
  readonly alive: string;
  /** What the vendor answers where somebody asks for the model `scripted`, or for all of them; null for others. */
  model(path: string): unknown;
  /** Whether the vendor's servers refuse the conversation in a request (400), as a script of answers alone would not. */
  refuses(body: unknown): boolean;
  /** Whether a request carries this key in the way that the vendor's servers want it. */
  hasKey(request: SeenRequest, key: string): boolean;
}
