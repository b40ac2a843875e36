import { posix } from "node:path";
import { readEnvValues } from "../env-values.ts";
import type { Place } from "../fact.ts";
import type { Findings } from "../findings.ts";
import { at, entriesOf, type Located, type LocatedMap, oneOrMore, textOf } from "../located.ts";
import { readYamlDocuments } from "../read-yaml.ts";
import type { RepositoryFiles } from "../repository-files.ts";
import { findComposeVersion, isFirstFormat } from "./compose-version.ts";
import { MergeBudget, mergeCompose } from "./merge.ts";

/** A Compose project put together from its files, with `include` and `extends` followed. */
export interface ComposeProject {
  readonly files: readonly string[];
  readonly name: Located | undefined;
  readonly services: ReadonlyMap<string, ComposeService>;
}

export interface ComposeService {
  readonly name: string;
  readonly place: Place;
  readonly body: LocatedMap;
  /** The folder that relative paths count from, below the scanned one, where they stand in one of `files`. */
  readonly folder: string;
  readonly files: readonly string[];
  /** What `.env` beside its file sets. */
  readonly values: ReadonlyMap<string, string>;
}

const MAX_INCLUDES = 100;
const MAX_EXTENDS = 40;

export function loadComposeProject(
  names: readonly string[],
  files: RepositoryFiles,
  findings: Findings,
): ComposeProject | null {
  return findings.attempt(names[0] ?? "", () => new ProjectLoader(files, findings).load(names));
}

class ProjectLoader {
  readonly #files: RepositoryFiles;
  readonly #findings: Findings;
  readonly #budget = new MergeBudget();
  readonly #trees = new Map<string, LocatedMap | null>();
  readonly #included: string[] = [];

  constructor(files: RepositoryFiles, findings: Findings) {
    this.#files = files;
    this.#findings = findings;
  }

  load(names: readonly string[]): ComposeProject | null {
    const tree = this.#merge(names);
    if (tree === null) return null;
    const folder = posix.dirname(names[0] ?? "");
    const services = new Map<string, ComposeService>();
    this.#include(tree, folder, services, [...names]);
    this.#addServices(tree, folder, names, services);
    return {
      files: [...names, ...this.#included],
      name: at(tree, "name"),
      services,
    };
  }

  #merge(names: readonly string[]): LocatedMap | null {
    let merged: Located | undefined;
    for (const name of names) {
      const tree = this.#read(name);
      if (tree !== null) merged = mergeCompose(merged, tree, "", this.#budget);
    }
    return merged?.kind === "map" ? merged : null;
  }

  /** The file's mapping; services of the first format, which stood at the top, are put under `services`. */
  #read(file: string): LocatedMap | null {
    const known = this.#trees.get(file);
    if (known !== undefined) return known;
    const text = this.#files.read(file);
    const tree = text === null ? null : this.#findings.attempt(file, () => this.#parse(text, file));
    this.#trees.set(file, tree);
    return tree;
  }

  #parse(text: string, file: string): LocatedMap | null {
    const [tree, second] = readYamlDocuments(text, file);
    if (second !== undefined) {
      this.#warn(
        "scan.compose",
        "a Compose file holds one document; further ones were not read",
        second.place,
      );
    }
    if (tree?.kind !== "map") {
      this.#warn("scan.compose", "this Compose file holds nothing", { file, line: 1 });
      return null;
    }
    findComposeVersion(tree, this.#findings);
    if (!isFirstFormat(tree)) return tree;
    const entries = new Map([["services", { key: tree.place, value: tree }]]);
    return { kind: "map", place: tree.place, entries };
  }

  #addServices(
    tree: LocatedMap,
    folder: string,
    files: readonly string[],
    services: Map<string, ComposeService>,
  ): void {
    const values = this.#valuesOf(folder);
    const declared = at(tree, "services");
    if (
      declared !== undefined &&
      declared.kind !== "map" &&
      !(declared.kind === "scalar" && declared.isNull)
    ) {
      this.#warn("scan.compose", "services must be a mapping of names", declared.place);
    }
    for (const [name, { key, value }] of entriesOf(declared)) {
      if (value.kind !== "map") {
        this.#warn("scan.compose", `the service '${name}' says nothing`, key);
        continue;
      }
      const body = this.#extend(name, value, folder, []);
      services.set(name, { name, place: key, body, folder, files, values });
    }
  }

  /** `include`: a project of its own each, whose services join ours; paths count from its own folder. */
  #include(
    tree: LocatedMap,
    folder: string,
    services: Map<string, ComposeService>,
    chain: readonly string[],
  ): void {
    for (const item of oneOrMore(at(tree, "include"))) {
      const paths = item.kind === "map" ? oneOrMore(at(item, "path")) : [item];
      const names = paths.flatMap((node) => this.#findIncluded(node, folder, chain));
      if (names.length === 0 || this.#included.length >= MAX_INCLUDES) continue;
      this.#included.push(...names);
      const included = this.#merge(names);
      if (included === null) continue;
      const directory = textOf(at(item, "project_directory"));
      const own = directory === undefined ? posix.dirname(names[0] ?? "") : posix.join(folder, directory);
      this.#include(included, own, services, [...chain, ...names]);
      this.#addServices(included, own, names, services);
    }
  }

  #findIncluded(node: Located, folder: string, chain: readonly string[]): string[] {
    const name = textOf(node);
    if (name === undefined) return [];
    const path = this.#findFile(name, folder, node.place, "include");
    if (path === null) return [];
    if (!chain.includes(path)) return [path];
    this.#fail("scan.include-cycle", `include comes back to ${path}`, node.place);
    return [];
  }

  /** A file that another names: null, with a finding, where it cannot be had. */
  #findFile(name: string, folder: string, place: Place, word: string): string | null {
    if (/^(?:https?|git|ssh|oci):|^git@|\.git(?:#|$)/.test(name)) {
      this.#warn("scan.remote", `${word} names something that is not in this folder; it was not read`, place);
      return null;
    }
    if (name.includes("$")) {
      this.#warn("scan.variable", `${word} depends on a variable; it was not followed`, place);
      return null;
    }
    const found = this.#files.readFrom(folder, name, place);
    if (found === null) return null;
    if (found.text !== null) return found.path;
    this.#warn("scan.missing", `${word} names ${found.path}, which could not be read here`, place);
    return null;
  }

  #extend(name: string, body: LocatedMap, folder: string, chain: readonly string[]): LocatedMap {
    const wanted = at(body, "extends");
    if (wanted === undefined) return body;
    const base = this.#findBase(wanted, name, folder, chain);
    if (base === null) return body;
    const merged = mergeCompose(base, without(body, "extends"), "", this.#budget);
    return merged?.kind === "map" ? merged : body;
  }

  #findBase(wanted: Located, name: string, folder: string, chain: readonly string[]): LocatedMap | null {
    const service = textOf(wanted.kind === "map" ? at(wanted, "service") : wanted) ?? "";
    const named = textOf(at(wanted, "file"));
    const file =
      named === undefined ? wanted.place.file : this.#findFile(named, folder, wanted.place, "extends");
    if (file === null) return null;
    const id = `${file}\0${service}`;
    if (
      chain.includes(id) ||
      chain.length >= MAX_EXTENDS ||
      (service === name && file === wanted.place.file)
    ) {
      this.#fail("scan.extends-cycle", `extends comes back to the service '${service}'`, wanted.place);
      return null;
    }
    const tree = this.#read(file);
    const found = tree === null ? undefined : at(tree, "services", service);
    if (found?.kind === "map") return this.#extend(service, found, posix.dirname(file), [...chain, id]);
    this.#fail(
      "scan.extends",
      `extends names the service '${service}', which ${file} does not have`,
      wanted.place,
    );
    return null;
  }

  #valuesOf(folder: string): ReadonlyMap<string, string> {
    const path = posix.join(folder, ".env");
    const text = this.#files.has(path) ? this.#files.read(path) : null;
    return text === null ? new Map() : readEnvValues(text);
  }

  #warn(rule: string, message: string, place: Place): void {
    this.#findings.add(rule, "warning", message, place);
  }

  #fail(rule: string, message: string, place: Place): void {
    this.#findings.add(rule, "error", message, place, "name a service that does not lead back here");
  }
}

function without(map: LocatedMap, key: string): LocatedMap {
  const entries = new Map(map.entries);
  entries.delete(key);
  return { ...map, entries };
}
