import { fillDefaults } from "../../interpolate.ts";
import type { Spot } from "../rule.ts";
import type { Service } from "./service.ts";
import type { Value } from "./yaml-value.ts";

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** One entry of `ports:`, short or long. */
export interface Port extends Spot {
  /** Empty where none is written: every address of the host. */
  readonly hostIp: string;
  /** Null where Docker picks one. */
  readonly published: Range | null;
  readonly target: Range;
  readonly protocol: string;
}

/** A port wherever it is written. */
export type PlainPort = Omit<Port, keyof Spot>;

const SHORT =
  /^(?:(?<ip>\[[0-9a-fA-F:.]+\]|[^:[\]]*):)?(?:(?<published>[\d-]*):)?(?<target>[\d-]+)(?:\/(?<protocol>\w+))?$/;

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
  const field = (name: string) => fillDefaults(value.get(name)?.text ?? "");
  const target = readRange(field("target") ?? "");
  const published = field("published");
  if (target === null || published === null) return null;
  const protocol = field("protocol") || "tcp";
  return {
    source,
    offset,
    hostIp: field("host_ip") ?? "",
    published: readRange(published),
    target,
    protocol,
  };
}

function readShort({ text, source, offset }: Value): Port | null {
  const port = readShortPort(text);
  return port === null ? null : { ...port, source, offset };
}

/** `[ADDRESS:][PORT:]PORT[/PROTOCOL]`; null as for {@link readPort}. */
export function readShortPort(text: string): PlainPort | null {
  const groups = SHORT.exec(fillDefaults(text) ?? "")?.groups;
  const target = readRange(groups?.target ?? "");
  if (groups === undefined || target === null) return null;
  const { ip, published, protocol = "tcp" } = groups;
  // `80:80` has no address: what stands before the first colon is the published port.
  const isPort = ip !== undefined && published === undefined && /^[\d-]+$/.test(ip);
  const hostIp = isPort ? "" : (ip ?? "").replaceAll(/[[\]]/g, "");
  return { hostIp, published: readRange((isPort ? ip : published) ?? ""), target, protocol };
}

function readRange(text: string): Range | null {
  const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text.trim()) ?? [];
  return first === undefined ? null : { from: Number(first), to: Number(last) };
}

/** Whether only this host itself can reach it. */
export function isLoopback({ hostIp }: PlainPort): boolean {
  return hostIp === "localhost" || hostIp === "::1" || hostIp.startsWith("127.");
}

/** Whether every address of the host answers: that goes around the host's firewall. */
export function isEverywhere({ hostIp }: PlainPort): boolean {
  return ["", "0.0.0.0", "::", "0:0:0:0:0:0:0:0", "*"].includes(hostIp);
}

/** Whether two entries want the same port of the host. */
export function clash(one: PlainPort, other: PlainPort): boolean {
  if (one.published === null || other.published === null || one.protocol !== other.protocol) return false;
  const apart = one.published.to < other.published.from || other.published.to < one.published.from;
  return !apart && (covers(one, other) || covers(other, one) || one.hostIp === other.hostIp);
}

/** Whether the address of one takes in the other's: 0.0.0.0 no IPv6 one, and :: no IPv4 one. */
function covers(one: PlainPort, other: PlainPort): boolean {
  if (!isEverywhere(one)) return false;
  if (one.hostIp === "" || other.hostIp === "" || other.hostIp === "*") return true;
  return one.hostIp.includes(":") === other.hostIp.includes(":");
}

/** `8080` or `8000-8010`. */
export function formatRange({ from, to }: Range): string {
  return from === to ? String(from) : `${from}-${to}`;
}
