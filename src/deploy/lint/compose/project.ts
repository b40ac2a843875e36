import { basename, dirname, extname, join } from "node:path";
import type { Reader } from "../reader.ts";
import type { Problem } from "../rule.ts";
import type { Source } from "../source.ts";
import { extendedLayers, type Lookup } from "./extends.ts";
import { findIncluded } from "./include.ts";
import { readUntrustedYaml } from "./read-yaml.ts";
import { Service } from "./service.ts";
import type { Entry, Value } from "./yaml-value.ts";

/** One Compose file with what it takes from others. */
export interface ComposeProject {
  readonly source: Source;
  readonly services: readonly Service[];
  /** The documents of this file, and of the one that it overrides or that overrides it. */
  readonly layers: readonly Value[];
  /** Whether all that it includes and extends could be read: only then is an unknown name an error. */
  readonly isComplete: boolean;
  /** Whether another file is the one that `docker compose` starts from. */
  readonly isOverlay: boolean;
  /** What keeps it from being read. */
  readonly syntax: readonly Problem[];
  /** What it names in other files and is not there. */
  readonly references: readonly Problem[];
  readonly reader: Reader;
}

/** Reads a Compose file, its override, what it extends and what it includes. Never throws for what stands in them. */
export function readComposeProject(source: Source, reader: Reader): ComposeProject {
  const { documents, problems } = readUntrustedYaml(source);
  const beside = findBeside(source.path)
    .map((path) => ({ path, read: reader.read(path) }))
    .flatMap(({ read }) => ("source" in read ? readUntrustedYaml(read.source).documents : []));
  const isOverlay = findBase(source.path) !== null && beside.length > 0;
  // Of several documents in one file the last one wins, and an override wins over its base.
  const own = documents.toReversed();
  const layers = isOverlay ? [...own, ...beside] : [...beside, ...own];
  const lookup: Lookup = { reader, problems: [], incomplete: false };
  const included = findIncluded(own, lookup);
  const everything = [...layers, ...included];
  const services = listServices(own, everything, isOverlay ? beside : [], lookup);
  return {
    source,
    services,
    layers: everything,
    isComplete: !lookup.incomplete,
    isOverlay,
    syntax: problems,
    references: lookup.problems,
    reader,
  };
}

function listServices(
  own: readonly Value[],
  everything: readonly Value[],
  base: readonly Value[],
  lookup: Lookup,
): Service[] {
  const first = new Map<string, Entry>();
  for (const document of own)
    for (const entry of document.get("services")?.entries() ?? [])
      if (!first.has(entry.key)) first.set(entry.key, entry);
  return [...first.values()].map((entry) => {
    const maps = everything.flatMap((document) => document.get("services")?.get(entry.key) ?? []);
    const before = lookup.incomplete;
    lookup.incomplete = false;
    const extended = maps.flatMap((map) => extendedLayers(map, entry.key, everything, lookup));
    const isTorn = lookup.incomplete;
    lookup.incomplete ||= before;
    const inBase = base.some((document) => document.get("services")?.get(entry.key) !== undefined);
    return new Service(entry.key, entry, [...maps, ...extended], inBase || isTorn);
  });
}

const STEMS = ["compose", "docker-compose"];
const ENDINGS = [".yaml", ".yml"];

/** `compose.override.yaml` beside `compose.yaml`, and the other way round. */
function findBeside(path: string): string[] {
  const base = findBase(path);
  if (base !== null) return [base];
  const stem = basename(path, extname(path));
  if (!STEMS.includes(stem)) return [];
  return ENDINGS.map((ending) => join(dirname(path), `${stem}.override${ending}`));
}

/** The file that `docker-compose.prod.yml` adds to, by its name; null for one that stands for itself. */
function findBase(path: string): string | null {
  const [, stem] = /^(compose|docker-compose)\.[\w-]+(?:\.[\w-]+)*\.ya?ml$/.exec(basename(path)) ?? [];
  return stem === undefined ? null : join(dirname(path), `${stem}${extname(path)}`);
}

/** The entries of a top-level map over all files: the first one wins. */
export function topEntries(project: ComposeProject, key: string): Entry[] {
  const found = new Map<string, Entry>();
  for (const layer of project.layers)
    for (const entry of layer.get(key)?.entries() ?? [])
      if (!found.has(entry.key)) found.set(entry.key, entry);
  return [...found.values()];
}
