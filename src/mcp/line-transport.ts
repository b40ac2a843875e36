import type { Readable, Writable } from "node:stream";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { ErrorCode, type JSONRPCMessage, JSONRPCMessageSchema } from "@modelcontextprotocol/sdk/types.js";

/** Far more than any tool takes. */
const MOST_BYTES = 10 * 1024 * 1024;
const NEWLINE = 10;

/**
 * The protocol over two streams, a message a line. A line that is no message is answered with what is wrong with it, and
 * the next is read: the SDK's own transport says nothing, and ends at a line that is too long.
 */
export class LineTransport implements Transport {
  onmessage?: (message: JSONRPCMessage) => void;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  readonly #from: Readable;
  readonly #to: Writable;
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(from: Readable, to: Writable) {
    this.#from = from;
    this.#to = to;
  }

  async start(): Promise<void> {
    this.#from.on("data", this.#read);
    this.#from.on("error", this.#fail);
  }

  async send(message: JSONRPCMessage): Promise<void> {
    await this.#write(message);
  }

  async close(): Promise<void> {
    this.#from.off("data", this.#read);
    this.#from.off("error", this.#fail);
    this.#from.pause();
    this.onclose?.();
  }

  readonly #fail = (error: Error) => this.onerror?.(error);

  readonly #read = (given: Buffer | string) => {
    const chunk = Buffer.from(given);
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end));
      this.#takeLine();
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
  };

  /** Of a line that is too long, only how long it is. */
  #keep(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes <= MOST_BYTES) this.#parts.push(part);
    else this.#parts = [];
  }

  #takeLine(): void {
    const isTooLong = this.#bytes > MOST_BYTES;
    const line = Buffer.concat(this.#parts).toString("utf8").trim();
    this.#parts = [];
    this.#bytes = 0;
    if (isTooLong) this.#refuse(ErrorCode.InvalidRequest, `a message has at most ${MOST_BYTES} bytes`);
    else if (line !== "") this.#takeMessage(line);
  }

  #takeMessage(line: string): void {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      this.#refuse(ErrorCode.ParseError, "this line is no JSON; send each message on one line");
      return;
    }
    const message = JSONRPCMessageSchema.safeParse(value);
    if (message.success) this.onmessage?.(message.data);
    else if (Array.isArray(value)) this.#refuse(ErrorCode.InvalidRequest, "send each message by itself");
    else this.#refuse(ErrorCode.InvalidRequest, "this is no message of JSON-RPC 2.0", idOf(value));
  }

  #refuse(code: ErrorCode, message: string, id: string | number | null = null): void {
    this.#write({ jsonrpc: "2.0", id, error: { code, message: `${message}; nothing was done` } }).catch(
      this.#fail,
    );
  }

  async #write(message: object): Promise<void> {
    if (this.#to.write(`${JSON.stringify(message)}\n`)) return;
    await new Promise((resolve) => this.#to.once("drain", resolve));
  }
}

function idOf(value: unknown): string | number | null {
  const id = typeof value === "object" && value !== null && "id" in value ? value.id : null;
  return typeof id === "string" || typeof id === "number" ? id : null;
}
