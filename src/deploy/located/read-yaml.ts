import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseAllDocuments,
  type Scalar,
  type YAMLError,
  type YAMLMap,
} from "yaml";
import { Exit, VibeopsError } from "../../errors.ts";
import { LineIndex, offsetOfLine } from "../../text/lines.ts";
import { redactSecrets } from "../../text/secrets.ts";
import { checkReceivedLimits } from "../../text/yaml-limits.ts";
import type { Located, LocatedEntry, LocatedMap, Place } from "./located.ts";

const MAX_DEPTH = 60;
const MAX_KEYS = 60_000;
/** Entries that merge keys may copy in one file. */
const MAX_MERGED = 100_000;
/** A file that is no YAML at all has an error on each line: the first ones are enough. */
const MAX_ERRORS = 10;

interface YamlProblem {
  /** `yaml` for a wrong line; `depth`, `keys`, `lines` or `size` for a text past the limits. */
  readonly kind: string;
  readonly message: string;
  readonly place: Place;
  readonly fix: string;
  /** Whether it is one key or alias, and what stands around it was read as it is meant. */
  readonly isLocal: boolean;
}

export interface ReadYaml {
  /** Where there are problems they hold what could be read: of a key that stands twice the first. */
  readonly documents: readonly Located[];
  readonly problems: readonly YamlProblem[];
}

/**
 * The documents of a YAML (or JSON) file, each value with its line. Aliases share what they name, so a bomb stays as
 * small as its text; merge keys are merged as YAML 1.1 has it.
 *
 * @throws VibeopsError `scan.yaml` and `scan.depth` with the line
 */
export function readYamlDocuments(text: string, file: string): readonly Located[] {
  const { documents, problems } = readYaml(text, file);
  const [problem] = problems;
  if (problem === undefined) return documents;
  const { kind, message, place, fix } = problem;
  const said = kind === "yaml" ? `this is no valid YAML: ${message}` : message;
  throw new VibeopsError({
    code: `scan.${kind}`,
    exit: Exit.invalid,
    message: said,
    file,
    line: place.line,
    fix: `${fix}; nothing of this file was used`,
  });
}

/** As {@link readYamlDocuments}, with every problem instead of a throw. Never throws for what stands in the text. */
export function readYaml(text: string, file: string): ReadYaml {
  const source = text.replace(/^\uFEFF/, "");
  const limits = { maxDepth: MAX_DEPTH, maxKeys: MAX_KEYS, maxLines: MAX_KEYS, maxBytes: 2 ** 24 };
  try {
    checkReceivedLimits(source, { ...limits, file, code: "yaml" });
    return parse(source, file);
  } catch (error) {
    const place = { file, line: 1, offset: 0 };
    // What nests deeper than the text shows, in a way that only the parser sees.
    if (error instanceof RangeError) {
      const message = "the YAML is nested too deeply to be read";
      return {
        documents: [],
        problems: [{ kind: "depth", message, place, fix: "write it flatter", isLocal: false }],
      };
    }
    if (!(error instanceof VibeopsError)) throw error;
    const { code, message, line = 1 } = error;
    const fix = "split the file; nobody can review one that is so large or so deep";
    const problem = {
      kind: code.replace(/^yaml\./, ""),
      message,
      place: { file, line, offset: offsetOfLine(source, line) },
      fix,
      isLocal: false,
    };
    return { documents: [], problems: [problem] };
  }
}

function parse(text: string, file: string): ReadYaml {
  const conflict = /^<{7} .*$/m.exec(text);
  const lines = new LineIndex(text);
  // YAML ends a line there too, and the library does not: what Compose obeys would pass for a part of a comment.
  const parsed = parseAllDocuments(text.replace(/\r(?!\n)/g, "\n"), {
    prettyErrors: false,
    logLevel: "silent",
    // Compared each with each; the converter below sees a second one at once.
    uniqueKeys: false,
  });
  const documents: readonly Document.Parsed[] = Array.isArray(parsed) ? parsed : [];
  const placeAt = (offset: number) => ({
    file,
    line: lines.placeOf(Math.min(offset, text.length)).line,
    offset,
  });
  const errors = documents.flatMap((document) => document.errors);
  if (errors.length > 0 && conflict !== null)
    return { documents: [], problems: [inConflict(placeAt(conflict.index))] };
  if (errors.length > 0) {
    return {
      documents: [],
      problems: errors.slice(0, MAX_ERRORS).map((error) => syntaxProblem(error, placeAt(error.pos[0]))),
    };
  }
  const problems: YamlProblem[] = [];
  const values = documents.flatMap((document) => {
    const converter = new Converter(placeAt, problems);
    return document.contents === null ? [] : [converter.convert(document.contents)];
  });
  return { documents: values, problems: problems.slice(0, MAX_ERRORS) };
}

function inConflict(place: Place): YamlProblem {
  const message = "two versions of this file were merged, and nobody has decided between them";
  return {
    kind: "yaml",
    message,
    place,
    fix: "keep one of the two, and delete the lines with <<<, === and >>>",
    isLocal: false,
  };
}

function syntaxProblem(error: YAMLError, place: Place): YamlProblem {
  const message = redactSecrets(error.message.split("\n", 1)[0] ?? "");
  const fix = "correct the YAML here; put quotes around values that hold : or #, and indent with spaces";
  return { kind: "yaml", message, place, fix, isLocal: false };
}

/** From the library's nodes to ours, in the order of the text, so that an anchor is known before its alias. */
class Converter {
  readonly #placeAt: (offset: number) => Place;
  readonly #problems: YamlProblem[];
  readonly #anchors = new Map<string, Located>();
  readonly #open = new Set<string>();
  #merged = 0;

  constructor(placeAt: (offset: number) => Place, problems: YamlProblem[]) {
    this.#placeAt = placeAt;
    this.#problems = problems;
  }

  convert(node: unknown, place = this.#placeOf(node)): Located {
    if (isAlias(node)) return this.#resolve(node.source, place);
    const anchor = (node as { anchor?: string } | null)?.anchor;
    if (anchor === undefined) return this.#build(node, place);
    this.#open.add(anchor);
    const built = this.#build(node, place);
    this.#open.delete(anchor);
    this.#anchors.set(anchor, built);
    return built;
  }

  #build(node: unknown, place: Place): Located {
    const tag = (node as { tag?: string } | null)?.tag;
    const tagged = tag?.startsWith("!") === true ? { tag } : {};
    if (isMap(node)) return { ...this.#buildMap(node, place), ...tagged };
    if (isSeq(node)) {
      return { kind: "list", place, items: node.items.map((item) => this.convert(item)), ...tagged };
    }
    if (!isScalar(node)) return { kind: "scalar", place, text: "", isNull: true };
    const isQuoted = node.type === "QUOTE_DOUBLE" || node.type === "QUOTE_SINGLE";
    return {
      kind: "scalar",
      place,
      text: writtenText(node),
      isNull: node.value === null,
      isQuoted,
      ...tagged,
    };
  }

  #buildMap(node: YAMLMap, place: Place): LocatedMap {
    const entries = new Map<string, LocatedEntry>();
    const inherited: Located[] = [];
    let hasMerge = false;
    for (const pair of node.items) {
      const key = this.#placeOf(pair.key);
      // A key without a value stands where its key does.
      const value = this.convert(pair.value, pair.value === null ? key : undefined);
      if (isMergeKey(pair.key)) {
        if (hasMerge) this.#refuse("the key '<<' stands here twice", key, "write <<: [*ONE, *OTHER]");
        hasMerge = true;
        inherited.push(...(value.kind === "list" ? value.items : [value]));
      } else this.#set(entries, this.#nameOf(pair.key), { key, value });
    }
    for (const parent of inherited) this.#inherit(entries, parent);
    return { kind: "map", place, entries };
  }

  #set(entries: Map<string, LocatedEntry>, name: string, entry: LocatedEntry): void {
    const message = `the key '${name.slice(0, 60)}' stands here twice`;
    if (entries.has(name)) this.#refuse(message, entry.key, "keep one of the two");
    else entries.set(name, entry);
  }

  /** `null:` and `~:` are names to whoever wrote them. */
  #nameOf(key: unknown): string {
    if (isAlias(key)) {
      const named = this.convert(key);
      return named.kind === "scalar" ? named.text : "";
    }
    if (!isScalar(key)) return "";
    return key.value === null && typeof key.source === "string" ? key.source : writtenText(key);
  }

  #inherit(entries: Map<string, LocatedEntry>, parent: Located): void {
    if (parent.kind !== "map") return;
    this.#merged += parent.entries.size;
    if (this.#merged > MAX_MERGED) {
      this.#refuse("merge keys copy too much", parent.place, "write fewer levels of anchors");
      return;
    }
    for (const [name, entry] of parent.entries) if (!entries.has(name)) entries.set(name, entry);
  }

  /** What an alias names, at the place of the alias. */
  #resolve(name: string, place: Place): Located {
    const found = this.#anchors.get(name);
    if (found !== undefined && !this.#open.has(name)) return { ...found, place };
    if (this.#open.has(name)) this.#refuse(`the alias *${name} holds itself`, place, "name another anchor");
    else this.#refuse(`nothing is named &${name}`, place, "name an anchor that stands above");
    return { kind: "scalar", place, text: "", isNull: true };
  }

  #refuse(message: string, place: Place, fix: string): void {
    if (this.#problems.length < MAX_ERRORS)
      this.#problems.push({ kind: "yaml", message, place, fix, isLocal: true });
  }

  #placeOf(node: unknown): Place {
    return this.#placeAt((node as { range?: [number] } | null)?.range?.[0] ?? 0);
  }
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.value === "<<" && (key.type === undefined || key.type === "PLAIN");
}

/** A plain scalar as it was typed: `08080` and `1.10` are no numbers to us. */
function writtenText(node: Scalar): string {
  if (node.value === null || node.value === undefined) return "";
  if (typeof node.value === "string") return node.value;
  return typeof node.source === "string" ? node.source : String(node.value);
}
