export interface Range {
  readonly from: number;
  readonly to: number;
}

/** A port wherever it is written. */
export interface PlainPort {
  /** Empty where none is written: every address of the host. */
  readonly hostIp: string;
  /** Null where Docker picks one. */
  readonly published: Range | null;
  readonly target: Range;
  readonly protocol: string;
}

const SHORT =
  /^(?:(?<ip>\[[0-9a-fA-F:.]+\]|[0-9a-fA-F:]*:[0-9a-fA-F:.]*|[^:[\]]*):(?<published>[\d-]*):|(?<only>[\d-]*):)?(?<target>[\d-]+)(?:\/(?<protocol>\w+))?$/;

/** `[ADDRESS:][PORT:]PORT[/PROTOCOL]`, its variables put in; null for anything else. */
export function readShortPort(text: string): PlainPort | null {
  const groups = SHORT.exec(text)?.groups;
  const target = readRange(groups?.target ?? "");
  if (groups === undefined || target === null) return null;
  const { ip = "", published, only, protocol = "tcp" } = groups;
  const wanted = published ?? only ?? "";
  const range = readRange(wanted);
  if (range === null && wanted !== "") return null;
  return { hostIp: plainAddress(ip), published: range, target, protocol: protocol.toLowerCase() };
}

/** `::1` of `[::1]`. */
export function plainAddress(ip: string): string {
  return ip.replaceAll(/[[\]]/g, "");
}

export function readRange(text: string): Range | null {
  const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text.trim()) ?? [];
  return first === undefined ? null : { from: Number(first), to: Number(last) };
}

/** Whether both ends are ports, in their order. */
function isPortRange({ from, to }: Range): boolean {
  return from >= 1 && to <= 65_535 && from <= to;
}

const PROTOCOLS = ["tcp", "udp", "sctp"];

/** Whether the engine takes it: real ports, a protocol that it publishes, and as many ports here as there. */
export function isPossiblePort(port: PlainPort): boolean {
  const { target, published, protocol } = port;
  if (!isPortRange(target) || !PROTOCOLS.includes(protocol)) return false;
  if (published === null) return true;
  return isPortRange(published) && (isChoice(port) || lengthOf(published) === lengthOf(target));
}

function lengthOf({ from, to }: Range): number {
  return to - from + 1;
}

/** Whether the engine takes any port of a range, for one behind it. */
function isChoice({ published, target }: PlainPort): boolean {
  return published !== null && lengthOf(target) === 1 && lengthOf(published) > 1;
}

/** Longer ranges are not meant port by port: they say nothing of what is behind them. */
const MOST_OF_A_RANGE = 16;

/** Each port of a range; none where it is none, or too long to be meant one by one. */
export function listPorts(range: Range | null): number[] {
  if (range === null || !isPortRange(range) || range.to - range.from >= MOST_OF_A_RANGE) return [];
  return Array.from({ length: range.to - range.from + 1 }, (_, i) => range.from + i);
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
  if (isChoice(one) || isChoice(other)) return false;
  const apart = one.published.to < other.published.from || other.published.to < one.published.from;
  return !apart && (covers(one, other) || covers(other, one) || one.hostIp === other.hostIp);
}

/** Whether the address of one takes in the other's: 0.0.0.0 no IPv6 one, and :: no IPv4 one. */
function covers(one: PlainPort, other: PlainPort): boolean {
  if (!isEverywhere(one)) return false;
  if (one.hostIp === "" || other.hostIp === "" || other.hostIp === "*") return true;
  return one.hostIp.includes(":") === other.hostIp.includes(":");
}

/** `[::1]:8080:80/udp`: as Compose reads it, with `tcp` left out. */
export function formatPort({ hostIp, published, target, protocol }: PlainPort): string {
  const address = hostIp === "" ? "" : `${hostIp.includes(":") ? `[${hostIp}]` : hostIp}:`;
  const outside = published === null ? address : `${address}${formatRange(published)}`;
  const inside = `${formatRange(target)}${protocol === "tcp" ? "" : `/${protocol}`}`;
  return outside === "" ? inside : `${outside}:${inside}`;
}

/** `8080` or `8000-8010`. */
export function formatRange({ from, to }: Range): string {
  return from === to ? String(from) : `${from}-${to}`;
}
