import { type PlainPort, type Range, readRange, readShortPort } from "../../compose-file/ports.ts";
import type { Spot } from "../rule.ts";
import type { Service } from "./service.ts";
import type { Value } from "./value.ts";

/** One entry of `ports:`, short or long. */
export interface Port extends Spot, PlainPort {}

/** What a service publishes, as far as it is known before anybody starts it. */
export function readPorts(service: Service): Port[] {
  return service.items("ports").flatMap((value) => readPort(value) ?? []);
}

/** Null where a variable without a default decides, or where nobody could read it. */
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
  if (inside === null || published === null || published === undefined) return null;
  return {
    source,
    offset,
    hostIp: hostIp ?? "",
    published: readRange(published),
    target: inside,
    protocol: protocol || "tcp",
  };
}

function readShort({ filled, source, offset }: Value): Port | null {
  const port = readShortPort(filled ?? "");
  return port === null ? null : { ...port, source, offset };
}
