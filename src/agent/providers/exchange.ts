import { makeVisible } from "../../text/visible.ts";
import type { Turn } from "./provider.ts";
import { cutStream, httpFailure, hungServer, ProviderError, unreachable } from "./provider-error.ts";

/** One request to a vendor and the stream of its answer. */
export interface Exchange {
  /** Aborted when the caller gives up, and when the server has said nothing for too long. */
  readonly signal: AbortSignal;
  /**
   * For the vendor's SDK. It keeps what the server says about waiting, which not every SDK hands on, and takes each byte
   * for a sign of life: what a server sends while a model thinks, no SDK hands on at all.
   */
  readonly fetch: typeof fetch;
}

/** An answer that a vendor streams in chunks of its own. */
interface StreamedAnswer<Chunk> {
  /** @returns the text that it brought, if any */
  add(chunk: Chunk): string;
  /** @throws ProviderError where the stream ended before the model did */
  end(): Turn;
}

/**
 * Runs one exchange and says in our words what went wrong, whichever SDK it went wrong in.
 *
 * @throws ProviderError; whatever `outer` was aborted with
 */
export async function exchange<T>(
  provider: string,
  idleMs: number,
  outer: AbortSignal | undefined,
  act: (exchange: Exchange) => Promise<T>,
): Promise<T> {
  outer?.throwIfAborted();
  const idle = new AbortController();
  const timer = setTimeout(() => idle.abort(), idleMs);
  let headers: Headers | undefined;
  const watched: Exchange = {
    signal: outer === undefined ? idle.signal : AbortSignal.any([outer, idle.signal]),
    fetch: async (...request) => {
      const response = await fetch(...request);
      headers = response.headers;
      return hearing(response, () => timer.refresh());
    },
  };
  try {
    return await act(watched);
  } catch (error) {
    outer?.throwIfAborted();
    throw idle.signal.aborted ? hungServer(provider, idleMs) : translate(provider, error, headers);
  } finally {
    clearTimeout(timer);
  }
}

/** The same response, which says so when anything of its body comes. */
function hearing(response: Response, heard: () => void): Response {
  heard();
  const { body, status, statusText, headers } = response;
  if (body === null) return response;
  const transform = (bytes: Uint8Array, to: TransformStreamDefaultController<Uint8Array>) => {
    heard();
    to.enqueue(bytes);
  };
  return new Response(body.pipeThrough(new TransformStream({ transform })), { status, statusText, headers });
}

/** What comes in a stream, put together; see {@link StreamedAnswer}. */
export async function collect<Chunk>(
  chunks: AsyncIterable<Chunk>,
  answer: StreamedAnswer<Chunk>,
  onText: ((text: string) => void) | undefined,
): Promise<Turn> {
  for await (const chunk of chunks) {
    const text = answer.add(chunk);
    if (text !== "") onText?.(text);
  }
  return answer.end();
}

function translate(provider: string, error: unknown, headers: Headers | undefined): unknown {
  if (!(error instanceof Error) || error instanceof ProviderError) return error;
  const said = wordsOf(error);
  if ("status" in error && typeof error.status === "number") {
    const isSpent = "code" in error && error.code === "insufficient_quota";
    const waitMs = waitOf(headers, error.message);
    return httpFailure(provider, { status: error.status, said, waitMs, isSpent });
  }
  return headers === undefined ? unreachable(provider, said) : cutStream(provider, said);
}

/** What the innermost error says: the vendors and `fetch` wrap it in words that say nothing. */
function wordsOf(error: Error): string {
  let root = error;
  while (root.cause instanceof Error) root = root.cause;
  const words = root.message === "" && "code" in root ? String(root.code) : root.message;
  return makeVisible(words.slice(0, MOST_WORDS), { newlines: false });
}

const MOST_WORDS = 500;

/** How long to wait, in milliseconds: by the headers, or by the `retryDelay` that Google writes into the body. */
function waitOf(headers: Headers | undefined, body: string): number | undefined {
  const precise = Number(headers?.get("retry-after-ms") ?? Number.NaN);
  if (Number.isFinite(precise) && precise >= 0) return precise;
  const after = headers?.get("retry-after") ?? null;
  if (after !== null) {
    const wait = /^\d+(?:\.\d+)?$/.test(after) ? Number(after) * 1000 : Date.parse(after) - dateOf(headers);
    return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
  }
  const seconds = /"retryDelay\\?":\s*\\?"(\d+(?:\.\d+)?)s/.exec(body)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

/** By the server's own clock, which is the one that its `retry-after` means. */
function dateOf(headers: Headers | undefined): number {
  return Date.parse(headers?.get("date") ?? "");
}
