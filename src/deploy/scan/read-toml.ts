import { type AST, ParseError, parseTOML } from "toml-eslint-parser";
import { Exit, VibeopsError } from "../../errors.ts";
import type { Located, LocatedEntry } from "../located/located.ts";
import type { Place } from "./fact.ts";

interface Table {
  readonly kind: "map";
  readonly place: Place;
  readonly entries: Map<string, LocatedEntry>;
}

/** A TOML file, each value with its line. @throws VibeopsError `scan.toml` with the line */
export function readToml(text: string, file: string): Located {
  const root: Table = { kind: "map", place: { file, line: 1 }, entries: new Map() };
  for (const node of parse(text, file).body[0].body) {
    if (node.type === "TOMLKeyValue") assign(root, node, file);
    else {
      const table = openTable(root, node, file);
      for (const pair of node.body) assign(table, pair, file);
    }
  }
  return root;
}

function parse(text: string, file: string): AST.TOMLProgram {
  try {
    return parseTOML(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    if (!(error instanceof ParseError) && !(error instanceof RangeError)) throw error;
    throw new VibeopsError({
      code: "scan.toml",
      exit: Exit.invalid,
      message: `this is no valid TOML: ${error instanceof ParseError ? error.message : "it is nested too deeply"}`,
      file,
      line: error instanceof ParseError ? error.lineNumber : 1,
      fix: "correct that line; nothing of this file was used",
    });
  }
}

/** `[[bin]]` opens a new item of a list, which we keep under its index. */
function openTable(root: Table, node: AST.TOMLTable, file: string): Table {
  return descend(root, node.resolvedKey.map(String), { file, line: node.loc.start.line });
}

function descend(from: Table, path: readonly string[], place: Place): Table {
  let table = from;
  for (const step of path) {
    const next = table.entries.get(step)?.value;
    if (next?.kind === "map") table = next as Table;
    else {
      const opened: Table = { kind: "map", place, entries: new Map() };
      table.entries.set(step, { key: place, value: opened });
      table = opened;
    }
  }
  return table;
}

function assign(table: Table, pair: AST.TOMLKeyValue, file: string): void {
  const keys = pair.key.keys.map((key) => (key.type === "TOMLBare" ? key.name : key.value));
  const place = { file, line: pair.loc.start.line };
  const last = keys.pop() ?? "";
  descend(table, keys, place).entries.set(last, { key: place, value: convert(pair.value, file) });
}

function convert(node: AST.TOMLContentNode, file: string): Located {
  const place = { file, line: node.loc.start.line };
  if (node.type === "TOMLArray") {
    return { kind: "list", place, items: node.elements.map((element) => convert(element, file)) };
  }
  if (node.type === "TOMLValue") return { kind: "scalar", place, text: String(node.value), isNull: false };
  const table: Table = { kind: "map", place, entries: new Map() };
  for (const pair of node.body) assign(table, pair, file);
  return table;
}
