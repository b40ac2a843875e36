import type { Fact } from "../fact.ts";
import type { FoundPort } from "../facts.ts";
import { at, entriesOf, itemsOf, type Located } from "../located.ts";
import { byName } from "./merge.ts";
import type { ReadText, ServiceReader } from "./service-reader.ts";

const MOST_OF_A_RANGE = 16;

/** Ports on which the container is reached: of `ports` in both forms and of `expose`. */
export function readPorts(reader: ServiceReader): Fact<FoundPort>[] {
  const published = itemsOf(reader.get("ports")).flatMap((node) => readPort(reader, node, "ports"));
  const exposed = itemsOf(reader.get("expose")).flatMap((node) => readPort(reader, node, "expose"));
  return [...published, ...exposed];
}

/** A range that is too long to be meant one by one says nothing; it stays in the file. */
function readPort(reader: ServiceReader, node: Located, word: string): Fact<FoundPort>[] {
  const read = reader.text(node.kind === "map" ? at(node, "target") : node);
  if (read === undefined) return [];
  const protocol = node.kind === "map" ? reader.text(at(node, "protocol"))?.text : undefined;
  const match = /(?:^|:)(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp))?$/.exec(read.text);
  if (match === null || !isShortForm(read.text)) return [];
  const first = Number(match[1]);
  const last = Number(match[2] ?? first);
  if (first < 1 || last > 65_535 || last < first || last - first >= MOST_OF_A_RANGE) return [];
  const udp = (match[3] ?? protocol) === "udp" ? ({ protocol: "udp" } as const) : {};
  const named = last === first ? word : `${word} (of ${first}-${last})`;
  return Array.from({ length: last - first + 1 }, (_, i) =>
    reader.fact({ container: first + i, ...udp }, read, named),
  );
}

/** `3000`, `8080:3000`, `127.0.0.1:8080:3000`, `[::1]:8080:3000`, `127.0.0.1::3000`, with ranges and a protocol. */
function isShortForm(text: string): boolean {
  const range = String.raw`\d{1,5}(?:-\d{1,5})?`;
  const address = String.raw`(?:\[[0-9a-fA-F:.]{2,45}\]|[0-9]{1,3}(?:\.[0-9]{1,3}){3}|localhost)`;
  return new RegExp(`^(?:(?:${address}:)?(?:${range})?:)?${range}(?:/(?:tcp|udp))?$`).test(text);
}

/** Host names out of labels and variables that the well-known proxies read. */
export function readDomains(reader: ServiceReader): Fact<string>[] {
  const labels = reader.get("labels");
  const deployed = reader.get("deploy", "labels");
  const named = [labels, deployed].flatMap((node) => (node === undefined ? [] : entriesOf(byName(node))));
  const fromLabels = named.flatMap(([name, { value }]) => {
    const read = reader.text(value);
    if (read === undefined) return [];
    return hostsOfLabel(name, read.text).map((host) => reader.fact(host, read, name));
  });
  return [...fromLabels, ...readHostVariables(reader)];
}

function hostsOfLabel(name: string, text: string): string[] {
  if (/^traefik\.(?:http|tcp)\.routers\.[^.]+\.rule$/.test(name)) {
    const rules = [...text.matchAll(/\bHost(?:SNI)?\(([^)]{1,500})\)/g)].map((match) => match[1] ?? "");
    return rules.flatMap((rule) =>
      [...rule.matchAll(/[`'"]([^`'"*]+)[`'"]/g)].map((match) => match[1] ?? ""),
    );
  }
  return /^caddy(?:_\d+)?$/.test(name)
    ? text.split(/[\s,]+/).map((host) => host.replace(/^https?:\/\//, ""))
    : [];
}

function readHostVariables(reader: ServiceReader): Fact<string>[] {
  const environment = reader.get("environment");
  if (environment === undefined) return [];
  return entriesOf(byName(environment)).flatMap(([name, { value }]) => {
    if (name !== "VIRTUAL_HOST" && name !== "LETSENCRYPT_HOST") return [];
    const read: ReadText | undefined = reader.text(value);
    return read === undefined ? [] : read.text.split(",").map((host) => reader.fact(host.trim(), read, name));
  });
}
