import { VibeopsError } from "../../errors.ts";
import { interpolate } from "../interpolate.ts";
import {
  at,
  entriesOf,
  type Located,
  type LocatedEntry,
  type LocatedMap,
  oneOrMore,
  type Place,
  textOf,
} from "../located/located.ts";
import { readDotEnv } from "./choose-files.ts";
import type { ComposeFiles } from "./compose-files.ts";
import { readEnvValues } from "./env-values.ts";
import { type Extendable, extendService } from "./extend-service.ts";
import { MergeBudget, mergeFiles, withoutResets } from "./merge.ts";
import type { ComposeProject, ComposeService } from "./project.ts";
import { type ComposeDocument, SourceFiles } from "./source-files.ts";

const MAX_INCLUDES = 100;
/** What an included project adds to the one that includes it, besides services. */
const SECTIONS = ["volumes", "networks", "secrets", "configs", "models"];

/** Files that make one project, and what holds for all of them. */
interface Group {
  readonly files: readonly string[];
  readonly folder: string;
  readonly values: ReadonlyMap<string, string>;
  /** Files that led here by `include`, these among them. */
  readonly chain: readonly string[];
}

/** What is gathered while the documents of a group are read. */
interface Parts {
  readonly services: Map<string, ComposeService>;
  readonly sections: Map<string, Map<string, LocatedEntry>>;
  /** Where each service is named first. */
  readonly places: Map<string, Place>;
  readonly torn: Set<string>;
}

interface Loaded {
  readonly documents: readonly LocatedMap[];
  readonly tree: LocatedMap;
  readonly services: ReadonlyMap<string, ComposeService>;
}

/**
 * Puts a Compose project together from its files, in the order in which Compose lays them over each other: each
 * document with what it includes and extends, then over the ones before. Never throws for what stands in them.
 */
export function loadComposeProject(names: readonly string[], files: ComposeFiles): ComposeProject {
  return new ProjectLoader(files).load(names);
}

class ProjectLoader {
  readonly #files: ComposeFiles;
  readonly #sources: SourceFiles;
  readonly #budget = new MergeBudget();
  readonly #included: string[] = [];
  readonly #includedDocuments: LocatedMap[] = [];

  constructor(files: ComposeFiles) {
    this.#files = files;
    this.#sources = new SourceFiles(files);
  }

  load(names: readonly string[]): ComposeProject {
    const folder = this.#files.folderOf(names[0] ?? "");
    const values = readDotEnv(folder, this.#files);
    const group = { files: names, folder, values, chain: names };
    const loaded = this.#attempt(names, () => this.#loadGroup(group, false));
    const profiles = values.get("COMPOSE_PROFILES")?.split(",") ?? [];
    return {
      ...loaded,
      files: names,
      included: this.#included,
      includedDocuments: this.#includedDocuments,
      values,
      profiles: new Set(profiles.map((profile) => profile.trim()).filter((profile) => profile !== "")),
      isComplete: this.#sources.isComplete,
      problems: this.#sources.problems,
    };
  }

  /** What is larger than anybody's project stops here, with the place where it grew. */
  #attempt(names: readonly string[], load: () => Loaded): Loaded {
    try {
      return load();
    } catch (error) {
      if (!(error instanceof VibeopsError)) throw error;
      const place = { file: error.file ?? names[0] ?? "", line: error.line ?? 1 };
      this.#sources.report("compose-size", "error", place, error.message, error.fix ?? "write less");
      return { documents: [], tree: emptyMap(place), services: new Map() };
    }
  }

  #loadGroup(group: Group, isIncluded: boolean): Loaded {
    const documents = group.files.flatMap((file) => this.#sources.documentsOf(file));
    const parts: Parts = { services: new Map(), sections: new Map(), places: new Map(), torn: new Set() };
    let tree = emptyMap({ file: group.files[0] ?? "", line: 1, offset: 0 });
    for (const [i, document] of documents.entries()) {
      this.#takeIncluded(document.tree, group, parts);
      const extended = this.#extendAll(document, group, tree, parts);
      for (const [name, { key }] of entriesOf(at(extended, "services")))
        if (!parts.places.has(name)) parts.places.set(name, key);
      tree = i === 0 ? extended : mergeFiles(tree, extended, this.#budget);
    }
    tree = withoutResets(tree);
    const { files, folder, values } = group;
    for (const [name, { key, value }] of entriesOf(at(tree, "services"))) {
      if (value.kind !== "map") continue;
      const where = { place: parts.places.get(name) ?? key, isTorn: parts.torn.has(name) };
      parts.services.set(name, { name, body: value, isIncluded, folder, files, values, ...where });
    }
    const written = documents.map((document) => document.written);
    if (isIncluded) this.#includedDocuments.push(...written);
    return { documents: written, tree: withSections(tree, parts.sections), services: parts.services };
  }

  #takeIncluded(tree: LocatedMap, group: Group, { services, sections }: Parts): void {
    for (const included of this.#include(tree, group)) {
      for (const [name, service] of included.services) services.set(name, service);
      for (const section of SECTIONS) addEntries(sections, section, included.tree);
    }
  }

  /** A document whose services are whole. What was reset stays marked, for the files below it. */
  #extendAll(
    document: ComposeDocument,
    group: Group,
    before: LocatedMap,
    { services: included, torn }: Parts,
  ): LocatedMap {
    const declared = at(document.tree, "services");
    this.#checkServices(declared);
    if (declared?.kind !== "map") return document.tree;
    const find = (name: string) =>
      declared.entries.get(name)?.value ?? included.get(name)?.body ?? at(before, "services", name);
    const entries = new Map(
      entriesOf(declared).map(([name, { key, value }]) => {
        const start: Extendable = { name, body: value, file: document.file, folder: group.folder, find };
        const { body, isTorn } = extendService(start, group.values, this.#sources, this.#budget);
        if (isTorn || document.isBroken) torn.add(name);
        return [name, { key, value: body }] as const;
      }),
    );
    const own = document.tree.entries.get("services");
    const key = own?.key ?? declared.place;
    return withEntry(document.tree, "services", { key, value: { ...declared, entries } });
  }

  #checkServices(declared: Located | undefined): void {
    if (declared === undefined || (declared.kind === "scalar" && declared.isNull)) return;
    const fix = "write services: and under it each service by its name";
    if (declared.kind !== "map")
      this.#sources.report("compose", "warning", declared.place, "services must be a mapping of names", fix);
    for (const [name, { key, value }] of entriesOf(declared)) {
      if (value.kind === "map" || value.tag === "!reset") continue;
      const message = `the service '${name}' says nothing`;
      this.#sources.report(
        "compose",
        "warning",
        key,
        message,
        "write its image and what it needs under its name",
      );
    }
  }

  /** `include`: a project of its own each, whose services join ours; paths count from its own folder. */
  #include(tree: LocatedMap, group: Group): Loaded[] {
    return oneOrMore(at(tree, "include")).flatMap((item) => {
      const paths = item.kind === "map" ? oneOrMore(at(item, "path")) : [item];
      const names = paths.flatMap((node) => this.#findIncluded(node, group));
      if (names.length === 0 || this.#included.length >= MAX_INCLUDES) return [];
      this.#included.push(...names);
      const directory = interpolate(textOf(at(item, "project_directory")) ?? "", group.values).text;
      const named =
        directory === null || directory === "" ? null : this.#files.resolve(group.folder, directory);
      const folder = named ?? this.#files.folderOf(names[0] ?? "");
      const values = this.#valuesFor(item, folder, group);
      return [this.#loadGroup({ files: names, folder, values, chain: [...group.chain, ...names] }, true)];
    });
  }

  /** Its own environment file; what the including project knows stands over it. */
  #valuesFor(item: Located, folder: string, group: Group): ReadonlyMap<string, string> {
    const named = oneOrMore(at(item, "env_file")).flatMap((node) => {
      const name = interpolate(textOf(node) ?? "", group.values).text;
      const path = name === null || name === "" ? null : this.#files.resolve(group.folder, name);
      const read = path === null || !this.#files.has(path) ? null : this.#files.read(path);
      return read !== null && "text" in read ? [...readEnvValues(read.text)] : [];
    });
    const own = at(item, "env_file") === undefined ? readDotEnv(folder, this.#files) : new Map(named);
    return new Map([...own, ...group.values]);
  }

  #findIncluded(node: Located, group: Group): string[] {
    const path = this.#sources.follow(node, group.folder, group.values, "include");
    if (path === null) return [];
    if (!group.chain.includes(path)) return [path];
    const message = `include comes back to ${textOf(node) ?? ""}`;
    const fix = "include what both need from a third file";
    this.#sources.fail("include-cycle", node.place, message, fix);
    return [];
  }
}

function emptyMap(place: LocatedMap["place"]): LocatedMap {
  return { kind: "map", place, entries: new Map() };
}

function withEntry(map: LocatedMap, name: string, entry: LocatedEntry): LocatedMap {
  return { ...map, entries: new Map(map.entries).set(name, entry) };
}

function addEntries(
  sections: Map<string, Map<string, LocatedEntry>>,
  section: string,
  tree: LocatedMap,
): void {
  const known = sections.get(section) ?? new Map<string, LocatedEntry>();
  for (const [name, entry] of entriesOf(at(tree, section))) known.set(name, entry);
  sections.set(section, known);
}

function withSections(
  tree: LocatedMap,
  sections: ReadonlyMap<string, ReadonlyMap<string, LocatedEntry>>,
): LocatedMap {
  let whole = tree;
  for (const [section, included] of sections) {
    if (included.size === 0) continue;
    const own = tree.entries.get(section);
    const entries = new Map([...included, ...entriesOf(own?.value)]);
    const place = own?.value.place ?? tree.place;
    whole = withEntry(whole, section, { key: own?.key ?? place, value: { kind: "map", place, entries } });
  }
  return whole;
}
