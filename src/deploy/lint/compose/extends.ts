import { fillDefaults } from "../../interpolate.ts";
import type { Reader } from "../reader.ts";
import type { Problem, Spot } from "../rule.ts";
import { readUntrustedYaml } from "./read-yaml.ts";
import type { Value } from "./yaml-value.ts";

/** What is gathered while other files are followed. */
export interface Lookup {
  readonly reader: Reader;
  readonly problems: Problem[];
  /** Something that this file builds on could not be read here. */
  incomplete: boolean;
}

/** Longer chains are nobody's configuration. */
const MAX_CHAIN = 32;

/** What a service extends, the nearest first. A cycle, a missing service and a missing file are problems. */
export function extendedLayers(
  service: Value,
  name: string,
  here: readonly Value[],
  lookup: Lookup,
): Value[] {
  const layers: Value[] = [];
  const seen = new Set([placeName(service, name)]);
  let [current, documents, currentName] = [service, here, name];
  for (;;) {
    const wanted = current.get("extends");
    if (wanted === undefined) return layers;
    const next = followExtends(wanted, documents, currentName, lookup);
    if (next === null) return layers;
    const key = placeName(next.service, next.name);
    if (seen.has(key) || seen.size > MAX_CHAIN) {
      lookup.problems.push(cycle(wanted, next.name));
      return layers;
    }
    seen.add(key);
    layers.push(next.service);
    [current, documents, currentName] = [next.service, next.documents, next.name];
  }
}

function placeName({ source }: Value, name: string): string {
  return `${source.path}\0${name}`;
}

interface Extended {
  readonly service: Value;
  readonly documents: readonly Value[];
  readonly name: string;
}

function followExtends(
  wanted: Value,
  here: readonly Value[],
  ownName: string,
  lookup: Lookup,
): Extended | null {
  const name = fillDefaults(wanted.shape === "map" ? (wanted.get("service")?.text ?? "") : wanted.text);
  const file = wanted.get("file");
  const documents = file === undefined ? here : readReferenced(file, lookup);
  if (name === null) lookup.incomplete = true;
  if (name === null || documents === null) return null;
  const service = documents
    .map((document) => document.get("services")?.get(name))
    .find((value) => value !== undefined);
  // A service may extend the one of its own name in another file, but not itself.
  if (service !== undefined) return { service, documents, name };
  lookup.incomplete = true;
  lookup.problems.push({
    spot: wanted,
    message: `'${ownName}' extends '${name}', and there is no such service`,
    fix: "name a service that the file has",
  });
  return null;
}

function cycle(spot: Spot, name: string): Problem {
  return {
    spot,
    message: `this extends '${name}', which in the end extends this again`,
    fix: "move what both need into a third service, and extend that",
  };
}

/** The documents of a file that another one names; null, and a problem, where it cannot be read. */
export function readReferenced(named: Value, lookup: Lookup): Value[] | null {
  const name = fillDefaults(named.text);
  // A variable, or a repository: what stands there only the machine knows that starts it.
  if (name === null || /^[\w+.-]{2,}:|^git@/.test(name)) {
    lookup.incomplete = true;
    return null;
  }
  const path = lookup.reader.find(named, name);
  const read =
    path === null
      ? { problem: { message: "it lies outside of this tree", fix: "copy it into the tree" } }
      : lookup.reader.read(path);
  const read2 = "source" in read ? readUntrustedYaml(read.source) : null;
  if (read2 !== null && read2.problems.length === 0) return [...read2.documents].reverse();
  const why = "problem" in read ? read.problem : { message: "it is no YAML", fix: "correct that file" };
  lookup.incomplete = true;
  lookup.problems.push({ spot: named, message: `'${name}' was not read: ${why.message}`, fix: why.fix });
  return null;
}
