import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ScriptedAnswer, SeenRequest, Wire } from "./answer.ts";

export interface ModelServer extends AsyncDisposable {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
}

export const KEY = "made-up-key-for-tests";

/**
 * A model server on loopback that speaks a vendor's wire format and answers by a script: one answer a request, or what
 * the function makes of the request.
 */
export async function serveModel(
  wire: Wire,
  script: readonly ScriptedAnswer[] | ((request: SeenRequest, count: number) => ScriptedAnswer),
): Promise<ModelServer> {
  const seen: SeenRequest[] = [];
  const answerTo = (request: SeenRequest, response: ServerResponse) => {
    seen.push(request);
    const count = seen.length - 1;
    const answer = typeof script === "function" ? script(request, count) : script[count];
    if (!wire.hasKey(request, KEY)) fail(wire, response, { status: 401 });
    else if (wire.refuses(request.body)) fail(wire, response, { status: 400 });
    else if (answer === undefined) fail(wire, response, { status: 400 });
    else if (answer.status !== undefined) fail(wire, response, answer);
    else send(wire, response, answer, count);
  };
  const server = createServer((incoming, response) => {
    void readBody(incoming).then((body) => {
      const request = { path: incoming.url ?? "", headers: incoming.headers, body };
      if (incoming.method === "GET") tellOfModels(wire, response, request);
      else answerTo(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function tellOfModels(wire: Wire, response: ServerResponse, request: SeenRequest): void {
  const hasKey = wire.hasKey(request, KEY);
  const model = hasKey ? wire.model(request.path) : null;
  if (model === null) fail(wire, response, { status: hasKey ? 404 : 401 });
  else response.setHeader("content-type", "application/json").end(JSON.stringify(model));
}

function send(wire: Wire, response: ServerResponse, answer: ScriptedAnswer, count: number): void {
  const { events, end } = wire.stream(answer, count);
  response.writeHead(200, { "content-type": "text/event-stream" });
  if (answer.alive !== undefined) sendSlowly(response, wire.alive, answer.alive, events + end);
  else if (answer.hang === true) response.write(events);
  else if (answer.cut === true) response.write(events, () => response.destroy());
  else response.end(events + end);
}

function sendSlowly(response: ServerResponse, sign: string, times: number, then: string): void {
  if (times === 0) response.end(then);
  else response.write(sign, () => setTimeout(() => sendSlowly(response, sign, times - 1, then), 100));
}

function fail(wire: Wire, response: ServerResponse, { status = 500, retryAfter }: ScriptedAnswer): void {
  const wait = retryAfter === undefined ? {} : { "retry-after": String(retryAfter) };
  response.writeHead(status, { "content-type": "application/json", ...wait });
  response.end(JSON.stringify(wire.failure(status)));
}

async function readBody(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === "" ? null : JSON.parse(text);
}
