import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the scripted model says next: words, or a call of a tool; where a vendor groups tools, with the group's name. */
export type Turn =
  | { text: string }
  | { tool: string; input: Readonly<Record<string, unknown>>; namespace?: string };

/** One request as it came: where to, and its JSON. */
export interface ModelRequest {
  path: string;
  body: Readonly<Record<string, unknown>>;
}

export interface ModelServer {
  /** `http://127.0.0.1:PORT`, without a path. */
  url: string;
  /** Everything that clients asked, in order. */
  requests: ModelRequest[];
  close(): Promise<void>;
}

/** How a vendor's servers speak. */
export interface WireFormat {
  /** Whether the script has a turn for it; else `aside` answers, as for titles and counts of tokens. */
  isTurn(request: ModelRequest): boolean;
  answer(turn: Turn, request: ModelRequest, response: ServerResponse): void;
  aside(request: ModelRequest, response: ServerResponse): void;
}

/** A turn, or one that is made when the request is there: a client's tools have other names from version to version. */
export type Script = readonly (Turn | ((request: ModelRequest) => Turn))[];

/** A real server on loopback that speaks a vendor's wire format and says what the script says; after it, "Done.". */
export async function startModelServer(format: WireFormat, script: Script): Promise<ModelServer> {
  const requests: ModelRequest[] = [];
  const rest = [...script];
  const server = createServer((incoming, response) => {
    void readBody(incoming).then((body) => {
      const request = { path: incoming.url ?? "", body };
      requests.push(request);
      if (!format.isTurn(request)) return format.aside(request, response);
      const next = rest.shift() ?? { text: "Done." };
      format.answer(typeof next === "function" ? next(request) : next, request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Server-sent events, each with its name where the format gives it one. */
export function sendEvents(response: ServerResponse, events: readonly object[], named: boolean): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const event of events) {
    const name = named && "type" in event ? `event: ${event.type}\n` : "";
    response.write(`${name}data: ${JSON.stringify(event)}\n\n`);
  }
  response.end();
}

export function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}

async function readBody(incoming: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    return {};
  }
}
