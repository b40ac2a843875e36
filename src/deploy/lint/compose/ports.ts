import {
  type PlainPort,
  plainAddress,
  type Range,
  readRange,
  readShortPort,
} from "../../compose-file/ports.ts";
import type { Spot } from "../rule.ts";
import type { Service } from "./service.ts";
import type { Value } from "./value.ts";

/** One entry of `ports:`, short or long. */
export interface Port extends Spot, PlainPort {}

/** What a service publishes, as far as it is known before anybody starts it. */
export function readPorts(service: Service): Port[] {
  return service.items("ports").flatMap((value) => readPort(value) ?? []);
}

/** Null where a variable without a default decides, be it about the address, or where nobody could read it. */
export function readPort(value: Value): Port | null {
  return value.shape === "map" ? readLong(value) : readShort(value);
}

function readLong(value: Value): Port | null {
  const { source, offset } = value;
  const [target, published, protocol, hostIp] = ["target", "published", "protocol", "host_ip"].map((key) => {
    const field = value.get(key);
    return field === undefined ? "" : field.filled;
  });
  const inside: Range | null = readRange(target ?? "");
  const outside = readRange(published ?? "");
  if (inside === null || (published && outside === null) || typeof hostIp !== "string") return null;
  return {
    source,
    offset,
    hostIp: plainAddress(hostIp),
    published: outside,
    target: inside,
    protocol: protocol?.toLowerCase() || "tcp",
  };
}

/** `${WEB_PORT}` before the last colon: a variable that is called a port is one, whichever. */
const PORT_VARIABLE = /(?<=^|:)\$(?:\{\w*port\w*(?::?\?[^{}]*)?\}|\w*port\w*)(?=:[^:]+$)/i;

function readShort({ text, filled, fill, source, offset }: Value): Port | null {
  const port = readShortPort(filled ?? fill(text.replace(PORT_VARIABLE, "")) ?? "");
  return port === null ? null : { ...port, source, offset };
}
