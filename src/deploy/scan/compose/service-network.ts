import { byName } from "../../compose-file/by-name.ts";
import { listPorts, readShortPort } from "../../compose-file/ports.ts";
import { at, entriesOf, itemsOf, type Located } from "../../located/located.ts";
import type { Fact } from "../fact.ts";
import type { FoundPort } from "../facts.ts";
import type { ReadText, ServiceReader } from "./service-reader.ts";

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
  const stated = node.kind === "map" ? reader.text(at(node, "protocol"))?.text : undefined;
  const port = readShortPort(read.text);
  const protocol = stated?.toLowerCase() ?? port?.protocol;
  if (port === null || !["tcp", "udp"].includes(protocol ?? "tcp")) return [];
  const { from, to } = port.target;
  const udp = protocol === "udp" ? ({ protocol: "udp" } as const) : {};
  const named = to === from ? word : `${word} (of ${from}-${to})`;
  return listPorts(port.target).map((container) => reader.fact({ container, ...udp }, read, named));
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
