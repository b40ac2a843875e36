import { interpolate } from "../interpolate.ts";
import { at, entriesOf, type Located, type LocatedMap, type Place, textOf } from "../located/located.ts";
import { readYaml } from "../located/read-yaml.ts";
import type { ComposeFiles } from "./compose-files.ts";
import type { ComposeProblem, ProblemKind } from "./project.ts";

/** One document of a Compose file. */
export interface ComposeDocument {
  readonly file: string;
  /** As it is written. */
  readonly written: LocatedMap;
  /** With its services under `services`, where the first format had them at the top. */
  readonly tree: LocatedMap;
  /** Whether a key or an alias in it is broken: then nothing can be said about what is missing. */
  readonly isBroken: boolean;
}

const KNOWN_VERSION = /^(?:1|2(?:\.[0-4])?|3(?:\.(?:\d|1[0-3]))?)$/;
const REMOTE = /^[\w+.-]{2,}:|^git@|\.git(?:#|$)/;

/** Reads the files of one project once each, and gathers what is wrong in them. */
export class SourceFiles {
  readonly problems: ComposeProblem[] = [];
  isComplete = true;
  readonly #files: ComposeFiles;
  readonly #documents = new Map<string, readonly ComposeDocument[]>();

  constructor(files: ComposeFiles) {
    this.#files = files;
  }

  report(
    kind: ProblemKind,
    level: ComposeProblem["level"],
    place: Place,
    message: string,
    fix: string,
  ): void {
    this.problems.push({ kind, level, place, message, fix });
  }

  /** As {@link report}, for what leaves the project incomplete. */
  fail(kind: ProblemKind, place: Place, message: string, fix: string): void {
    this.isComplete = false;
    this.report(kind, "error", place, message, fix);
  }

  folderOf(file: string): string {
    return this.#files.folderOf(file);
  }

  /** None, with a problem, where it cannot be read. */
  documentsOf(file: string): readonly ComposeDocument[] {
    const known = this.#documents.get(file);
    if (known !== undefined) return known;
    const read = this.#files.read(file);
    const documents = "text" in read ? this.#parse(read.text, file) : [];
    if (!("text" in read)) this.isComplete = false;
    this.#documents.set(file, documents);
    return documents;
  }

  #parse(text: string, file: string): ComposeDocument[] {
    const { documents, problems } = readYaml(text, file);
    for (const { kind, place, message, fix } of problems)
      this.fail(
        kind as ProblemKind,
        place,
        kind === "yaml" ? `this is no valid YAML: ${message}` : message,
        fix,
      );
    const isBroken = problems.length > 0;
    if (isBroken && !(this.#files.readsOn && problems.every(({ isLocal }) => isLocal))) return [];
    const maps = documents.flatMap((document) => (document.kind === "map" ? [document] : []));
    const [other] = documents.filter((document) => !isNothing(document) && document.kind !== "map");
    const start = { file, line: 1, offset: 0 };
    const fix = "write services: and under it each service by its name";
    if (other !== undefined)
      this.report(
        "empty",
        "warning",
        other.place,
        "a Compose file is a map of sections, and this is none",
        fix,
      );
    else if (maps.every(({ entries }) => entries.size === 0))
      this.report("empty", "warning", start, "this Compose file holds nothing", fix);
    return maps.map((written) => {
      this.#checkVersion(written);
      return { file, written, tree: asNewFormat(written), isBroken };
    });
  }

  /** `version:` is a relic that Compose ignores; a number that never was hints at another kind of file. */
  #checkVersion(tree: LocatedMap): void {
    const version = at(tree, "version");
    if (version === undefined) return;
    const message = KNOWN_VERSION.test(textOf(version) ?? "")
      ? "version: is obsolete; Compose ignores it"
      : "version: names no version that the Compose format ever had";
    this.report("compose-version", "warning", version.place, message, "take the line out");
  }

  /** The file that another names: null, with a problem, where it cannot be had. */
  follow(
    node: Located,
    folder: string,
    values: ReadonlyMap<string, string>,
    word: "extends" | "include",
  ): string | null {
    const name = interpolate(textOf(node) ?? "", values).text;
    if (name === "") return null;
    const path = name === null || REMOTE.test(name) ? null : this.#files.resolve(folder, name);
    const read = path === null ? null : this.#files.read(path);
    if (path !== null && read !== null && "text" in read) return path;
    this.isComplete = false;
    const give = (kind: ProblemKind, level: ComposeProblem["level"], what: string, fix: string) =>
      this.report(kind, level, node.place, `${word} ${what}`, fix);
    if (name === null)
      give("variable", "warning", "depends on a variable; it was not followed", "name the file");
    else if (REMOTE.test(name))
      give(
        "remote",
        "warning",
        "names something that is not in this folder; it was not read",
        "copy it here",
      );
    else if (path === null)
      give("outside", "warning", "leads out of the folder; it was not read", "copy the file into this tree");
    else if (read !== null && !("text" in read))
      give(
        "missing",
        "warning",
        `names ${name}, which was not read: ${read.problem}`,
        "name a file that is there",
      );
    return null;
  }
}

function isNothing(node: Located): boolean {
  return node.kind === "scalar" && node.isNull;
}

/** The format before `version: 2`: services at the top, known by an image or a build in each. */
function asNewFormat(tree: LocatedMap): LocatedMap {
  const entries = entriesOf(tree).filter(([name]) => !name.startsWith("x-"));
  if (entries.length === 0 || tree.entries.has("services") || tree.entries.has("include")) return tree;
  const isFirst = entries.every(
    ([, { value }]) => at(value, "image") !== undefined || at(value, "build") !== undefined,
  );
  if (!isFirst) return tree;
  return {
    kind: "map",
    place: tree.place,
    entries: new Map([["services", { key: tree.place, value: tree }]]),
  };
}
