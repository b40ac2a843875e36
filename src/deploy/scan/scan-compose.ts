import { isMap, isScalar, isSeq, LineCounter, type Pair, parseDocument, type YAMLMap } from "yaml";
import { type Fact, fact } from "./fact.ts";

export interface ComposeFacts {
  /** Name of the service that these are about. */
  service?: string;
  image?: Fact<string>;
  ports: Fact<number>[];
  /** Named volumes and where they are mounted. */
  volumes: Fact<{ name: string; path: string }>[];
  variables: Fact<string>[];
  /** The other services of the file that this one needs. */
  dependencies: Fact<{ name: string; image?: string }>[];
}

/** What a Compose file says about one service: the one of that name, or its only one. Null where it says nothing. */
export function scanCompose(text: string, file: string, wanted: string): ComposeFacts | null {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const services = document.get("services");
  if (document.errors.length > 0 || !isMap(services)) return null;
  const names = services.items.map((pair) => keyOf(pair));
  const name = names.includes(wanted) ? wanted : names.length === 1 ? names[0] : undefined;
  const service = name === undefined ? undefined : services.get(name);
  if (name === undefined || !isMap(service)) return null;
  const at = (node: unknown) => lines.linePos((node as { range?: [number] } | null)?.range?.[0] ?? 0).line;
  return {
    service: name,
    ...readImage(service, file, at),
    ports: itemsOf(service, "ports").flatMap((node) => readPort(node, file, at)),
    volumes: itemsOf(service, "volumes").flatMap((node) => readVolume(node, file, at)),
    variables: readVariables(service, file, at),
    dependencies: readDependencies(service, services, file, at),
  };
}

type LineAt = (node: unknown) => number;

function keyOf(pair: Pair): string {
  return String(isScalar(pair.key) ? pair.key.value : pair.key);
}

function itemsOf(map: YAMLMap, key: string): unknown[] {
  const node = map.get(key, true);
  return isSeq(node) ? node.items : [];
}

function textOf(node: unknown): string {
  return isScalar(node) ? String(node.value) : "";
}

function readImage(service: YAMLMap, file: string, at: LineAt): { image?: Fact<string> } {
  const node = service.get("image", true);
  const image = textOf(node);
  // A variable in the reference is known only where Compose runs.
  return image === "" || image.includes("$") ? {} : { image: fact(image, file, at(node), "image") };
}

/** `8080:3000`, `127.0.0.1:8080:3000/tcp`, `3000`, or the long form's `target`. */
function readPort(node: unknown, file: string, at: LineAt): Fact<number>[] {
  const target = isMap(node)
    ? String(node.get("target") ?? "")
    : (/(\d+)(?:\/tcp)?$/.exec(textOf(node))?.[1] ?? "");
  return /^\d{1,5}$/.test(target) ? [fact(Number(target), file, at(node), "ports")] : [];
}

function readVolume(node: unknown, file: string, at: LineAt): Fact<{ name: string; path: string }>[] {
  if (isMap(node)) {
    if (node.get("type") !== "volume") return [];
    return namedVolume(String(node.get("source") ?? ""), String(node.get("target") ?? ""), file, at(node));
  }
  const [name = "", path = ""] = textOf(node).split(":");
  return namedVolume(name, path, file, at(node));
}

function namedVolume(
  name: string,
  path: string,
  file: string,
  line: number,
): Fact<{ name: string; path: string }>[] {
  const isNamed = /^[A-Za-z0-9][\w.-]*$/.test(name) && path.startsWith("/");
  return isNamed ? [fact({ name, path }, file, line, "volumes")] : [];
}

function readVariables(service: YAMLMap, file: string, at: LineAt): Fact<string>[] {
  const node = service.get("environment", true);
  if (isMap(node)) return node.items.map((pair) => fact(keyOf(pair), file, at(pair.key), "environment"));
  if (!isSeq(node)) return [];
  return node.items.map((item) => fact(textOf(item).split("=", 1)[0] ?? "", file, at(item), "environment"));
}

function readDependencies(
  service: YAMLMap,
  services: YAMLMap,
  file: string,
  at: LineAt,
): Fact<{ name: string; image?: string }>[] {
  const node = service.get("depends_on", true);
  const nodes = isMap(node) ? node.items.map((pair) => pair.key) : isSeq(node) ? node.items : [];
  return nodes.map((item) => {
    const name = textOf(item);
    const other = services.get(name);
    const image = isMap(other) ? textOf(other.get("image", true)) : "";
    return fact({ name, ...(image === "" ? {} : { image }) }, file, at(item), "depends_on");
  });
}
