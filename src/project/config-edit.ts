import { Document, isCollection, isMap, isNode, isScalar, parseDocument } from "yaml";
import { Exit, VibeopsError } from "../errors.ts";
import { newlineOf, splice } from "../text/splice.ts";
import {
  findPair,
  insertBlock,
  insertFlow,
  means,
  type Plain,
  plainDocument,
  renderFlow,
} from "../text/yaml-splice.ts";
import { PROJECT_FILE } from "./discovery.ts";

/** One entry for vibeops.yaml: under a key for a map (`agents`, `peers`, `commands`), at the end for a list. */
export interface ConfigAddition {
  section: string;
  /** Absent where the section is a list. */
  key?: string;
  value: Plain;
}

/**
 * Adds entries to the text of a YAML file of ours. Each becomes a line of its own, or stands behind the others in
 * `[…]` or `{…}`; every other byte stays.
 *
 * @throws VibeopsError `config.by-hand` where the file is written in a way that leaves no place for one (an alias, a
 *   tag), with what to add
 */
export function addToConfig(text: string, additions: readonly ConfigAddition[]): string {
  return additions.reduce(addOne, text);
}

function addOne(text: string, addition: ConfigAddition): string {
  const wanted = plainDocument(text) ?? new Document();
  const path = [addition.section];
  if (!isCollection(wanted.getIn(path))) {
    wanted.setIn(path, wanted.createNode(addition.key === undefined ? [] : {}));
  }
  const value = wanted.createNode(addition.value, { flow: true });
  if (addition.key === undefined) wanted.addIn(path, value);
  else wanted.setIn([...path, addition.key], value);

  const spliced = spliceLine(text, addition);
  if (spliced !== null && means(spliced, wanted)) return spliced;
  throw byHand(`add under ${addition.section}: "${renderLine(addition)}"`);
}

/** What can only be written by rewriting what somebody wrote is theirs to write. */
export function byHand(fix: string): VibeopsError {
  return new VibeopsError({
    code: "config.by-hand",
    exit: Exit.invalid,
    message:
      "there is no place for this edit without rewriting the rest (an alias, an anchor or a tag stands there; what is named by an anchor may hold for other lines too)",
    file: PROJECT_FILE,
    fix,
  });
}

function spliceLine(text: string, addition: ConfigAddition): string | null {
  const { contents } = parseDocument(text);
  if (!isMap(contents)) return null;
  const pair = findPair(contents, addition.section);
  const newline = newlineOf(text);
  const entry = renderEntry(addition);
  const line = renderLine(addition);
  if (pair === undefined) {
    return `${endLine(text, newline)}${newline}${addition.section}:${newline}  ${line}${newline}`;
  }
  const { value } = pair;
  if (isCollection(value) && value.items.length > 0) {
    if (value.flow === true) return insertFlow(text, value, entry);
    return insertBlock(text, value.items, line);
  }
  if (!isNode(value) || !(isCollection(value) || (isScalar(value) && value.value === null))) return null;
  return value.range ? replaceEmpty(text, value.range, line) : null;
}

function renderLine(addition: ConfigAddition): string {
  return addition.key === undefined ? `- ${renderEntry(addition)}` : renderEntry(addition);
}

function renderEntry({ key, value }: ConfigAddition): string {
  return key === undefined ? renderFlow(value) : `${renderFlow(key)}: ${renderFlow(value)}`;
}

function endLine(text: string, newline: string): string {
  return text === "" || text.endsWith("\n") ? text : text + newline;
}

/** `peers: {}   # why` becomes `peers:   # why` with the entry under it. */
function replaceEmpty(text: string, range: readonly [number, number, number], line: string): string {
  const newline = newlineOf(text);
  const whole = endLine(text, newline);
  const [start, end] = range;
  const next = whole.indexOf("\n", end) + 1;
  const gap = whole.slice(0, start).length - whole.slice(0, start).trimEnd().length;
  const edits = [{ start: next, end: next, text: `  ${line}${newline}` }];
  if (end > start) edits.unshift({ start: start - gap, end, text: "" });
  return splice(whole, edits);
}
