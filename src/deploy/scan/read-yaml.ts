import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Scalar,
  type YAMLMap,
} from "yaml";
import { Exit, VibeopsError } from "../../errors.ts";
import { checkReceivedLimits } from "../../text/yaml-limits.ts";
import type { Place } from "./fact.ts";
import type { Located, LocatedEntry, LocatedMap } from "./located.ts";

const MAX_DEPTH = 60;
const MAX_KEYS = 60_000;
/** Entries that merge keys may copy in one file. */
const MAX_MERGED = 100_000;

/**
 * The documents of a YAML (or JSON) file, each value with its line. Aliases share what they name, so a bomb stays as
 * small as its text; merge keys are merged as YAML 1.1 has it.
 *
 * @throws VibeopsError `scan.yaml` and `scan.depth` with the line
 */
export function readYamlDocuments(text: string, file: string): Located[] {
  const source = text.replace(/^\uFEFF/, "");
  const limits = { maxDepth: MAX_DEPTH, maxKeys: MAX_KEYS, maxLines: MAX_KEYS, maxBytes: 2 ** 24 };
  checkReceivedLimits(source, { ...limits, file, code: "scan" });
  const lines = new LineCounter();
  const documents = parse(source, lines, file);
  return documents.flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw broken(error.message, file, lines.linePos(error.pos[0]).line);
    const converter = new Converter(file, (offset) => lines.linePos(offset).line);
    return document.contents === null ? [] : [converter.convert(document.contents)];
  });
}

function parse(text: string, lines: LineCounter, file: string): readonly Document.Parsed[] {
  try {
    const documents = parseAllDocuments(text, {
      lineCounter: lines,
      prettyErrors: false,
      logLevel: "silent",
      // Compared each with each; the converter below sees a second one at once.
      uniqueKeys: false,
    });
    return Array.isArray(documents) ? documents : [];
  } catch (error) {
    // What nests deeper than the text shows, in a way that only the parser sees.
    if (error instanceof RangeError) throw broken("the YAML is nested too deeply", file, 1);
    throw error;
  }
}

function broken(message: string, file: string, line: number): VibeopsError {
  return new VibeopsError({
    code: "scan.yaml",
    exit: Exit.invalid,
    message: `this is no valid YAML: ${message.split("\n", 1)[0] ?? ""}`,
    file,
    line,
    fix: "correct that line; nothing of this file was used",
  });
}

/** From the library's nodes to ours, in the order of the text, so that an anchor is known before its alias. */
class Converter {
  readonly #file: string;
  readonly #lineAt: (offset: number) => number;
  readonly #anchors = new Map<string, Located>();
  readonly #open = new Set<string>();
  #merged = 0;

  constructor(file: string, lineAt: (offset: number) => number) {
    this.#file = file;
    this.#lineAt = lineAt;
  }

  convert(node: unknown): Located {
    const place = this.#placeOf(node);
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
    return { kind: "scalar", place, text: writtenText(node), isNull: node.value === null, ...tagged };
  }

  #buildMap(node: YAMLMap, place: Place): LocatedMap {
    const entries = new Map<string, LocatedEntry>();
    const inherited: Located[] = [];
    for (const pair of node.items) {
      const value = this.convert(pair.value);
      const name = isScalar(pair.key) ? writtenText(pair.key) : "";
      if (name === "<<") inherited.push(...(value.kind === "list" ? value.items : [value]));
      else {
        const key = this.#placeOf(pair.key);
        if (entries.has(name))
          throw broken(`the key '${name.slice(0, 60)}' stands here twice`, this.#file, key.line);
        entries.set(name, { key, value });
      }
    }
    for (const parent of inherited) this.#inherit(entries, parent);
    return { kind: "map", place, entries };
  }

  #inherit(entries: Map<string, LocatedEntry>, parent: Located): void {
    if (parent.kind !== "map") return;
    this.#merged += parent.entries.size;
    if (this.#merged > MAX_MERGED) throw broken("merge keys copy too much", this.#file, parent.place.line);
    for (const [name, entry] of parent.entries) if (!entries.has(name)) entries.set(name, entry);
  }

  #resolve(name: string, place: Place): Located {
    const found = this.#anchors.get(name);
    if (found !== undefined && !this.#open.has(name)) return found;
    const what = this.#open.has(name) ? `the alias *${name} holds itself` : `nothing is named &${name}`;
    throw broken(what, this.#file, place.line);
  }

  #placeOf(node: unknown): Place {
    const offset = (node as { range?: [number] } | null)?.range?.[0] ?? 0;
    return { file: this.#file, line: this.#lineAt(offset) };
  }
}

/** A plain scalar as it was typed: `08080` and `1.10` are no numbers to us. */
function writtenText(node: Scalar): string {
  if (node.value === null || node.value === undefined) return "";
  if (typeof node.value === "string") return node.value;
  return typeof node.source === "string" ? node.source : String(node.value);
}
