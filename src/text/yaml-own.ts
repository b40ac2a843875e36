import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type YAMLParseError,
} from "yaml";
import type * as z from "zod/mini";
import { Exit, VibeopsError } from "../errors.ts";
import { describeIssues } from "./schema-issues.ts";
import { quoteUntrusted } from "./visible.ts";
import { checkReceivedDepth } from "./yaml-limits.ts";
import { readPlainYaml } from "./yaml-plain.ts";

/** A configuration file of our own: its value, and the document for edits that keep comments. */
export interface YamlFile<T> {
  value: T;
  readonly document: Document;
  /** The line of a key or an item: `lineOf(["peers", "infra"])`. */
  lineOf(path: readonly (string | number)[]): number | undefined;
}

const maxBytes = 262_144;

/** Deeper than anybody writes. Of some texts the parser's time doubles with each level, and a peer's are read here too. */
const maxDepth = 64;

/**
 * Reads a YAML file that belongs to this project and checks it against a schema.
 *
 * @throws VibeopsError `yaml.size`, `yaml.depth`, `yaml.syntax`, `yaml.key`, or `schema.invalid` with the file, the line and the nearest right key.
 */
export function readYaml<T>(text: string, schema: z.ZodMiniType<T>, file: string): YamlFile<T> {
  if (Buffer.byteLength(text) > maxBytes) {
    throw new VibeopsError({
      code: "yaml.size",
      exit: Exit.invalid,
      message: `the file is longer than ${maxBytes} bytes`,
      file,
      fix: "split it, or delete what is not needed",
    });
  }
  const plain = readPlainYaml(text, maxDepth);
  const checked = plain && schema.safeParse(plain.value);
  // Most files are read for their value alone, and to build the document takes several times as long.
  if (checked?.success === true) return fileOf(checked.data, () => parseWhole(text, file));
  checkReceivedDepth(text, { file, code: "yaml", maxDepth });
  const parsed = parseWhole(text, file);
  refuseProto(parsed, file);
  const result = schema.safeParse(toPlain(parsed.document, file) ?? {});
  if (result.success) return fileOf(result.data, () => parsed);
  const [first, ...others] = describeIssues(result.error, schema);
  throw new VibeopsError({
    code: "schema.invalid",
    exit: Exit.invalid,
    message: [first, ...others].map((issue) => issue?.message).join("; "),
    file,
    line: first && lineIn(parsed, first.path),
    fix: first?.fix,
    facts: {
      issues: [first, ...others].map((issue) => ({ ...issue, line: issue && lineIn(parsed, issue.path) })),
    },
  });
}

interface Parsed {
  readonly document: Document;
  readonly lines: LineCounter;
}

function fileOf<T>(value: T, parse: () => Parsed): YamlFile<T> {
  let parsed: Parsed | undefined;
  const whole = () => {
    parsed ??= parse();
    return parsed;
  };
  return {
    value,
    get document() {
      return whole().document;
    },
    lineOf: (path) => lineIn(whole(), path),
  };
}

function parseWhole(text: string, file: string): Parsed {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const broken = document.errors[0];
  if (broken === undefined) return { document, lines };
  throw new VibeopsError({
    code: "yaml.syntax",
    exit: Exit.invalid,
    ...explain(broken, text),
    file,
    line: lines.linePos(broken.pos[0]).line,
  });
}

/** The parser's words are for whoever calls it; where they would mislead whoever wrote the file, ours. */
function explain({ code, message, pos }: YAMLParseError, text: string): { message: string; fix: string } {
  if (code === "DUPLICATE_KEY") {
    const key = /^[^:\n]{0,60}/.exec(text.slice(pos[0]))?.[0].trim() ?? "";
    return { message: `the key ${quoteUntrusted(key)} stands here twice`, fix: "keep one of them" };
  }
  if (code === "MULTIPLE_DOCS") {
    return { message: "there is more than one YAML document here", fix: "keep one: delete the lines ---" };
  }
  if (code === "TAB_AS_INDENT") return { message, fix: "indent with spaces" };
  return { message, fix: "correct the YAML on that line; put quotes around values that hold : or #" };
}

/** The one name that no schema sees: what stands under it would be left out, and nobody told. */
function refuseProto({ document, lines }: Parsed, file: string): void {
  visit(document, {
    Pair: (_, { key }) => {
      if (!isScalar(key) || key.value !== "__proto__") return;
      throw new VibeopsError({
        code: "yaml.key",
        exit: Exit.invalid,
        message: "nothing can be called __proto__",
        file,
        line: lines.linePos(key.range?.[0] ?? 0).line,
        fix: "choose another name",
      });
    },
  });
}

function lineIn({ document, lines }: Parsed, path: readonly (string | number)[]): number | undefined {
  const offset = offsetOf(document, path);
  return offset === undefined ? undefined : lines.linePos(offset).line;
}

/** @throws VibeopsError where an alias has no anchor before it, or aliases multiply without measure */
function toPlain(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw new VibeopsError({
      code: "yaml.syntax",
      exit: Exit.invalid,
      message: error.message,
      file,
      fix: "write the value itself in the place of the alias",
    });
  }
}

/** Where the key of the last step stands, or the nearest that exists above it. */
function offsetOf(document: Document, path: readonly (string | number)[]): number | undefined {
  let node: unknown = document.contents;
  let offset = startOf(node);
  for (const step of path) {
    const next = stepInto(node, step);
    if (next === null) break;
    offset = startOf(next.mark) ?? offset;
    node = next.value;
  }
  return offset;
}

/** What lies under a key or an index, and the node that marks its place. */
function stepInto(node: unknown, step: string | number): { mark: unknown; value: unknown } | null {
  if (isSeq(node)) return { mark: node.items[Number(step)], value: node.items[Number(step)] };
  if (!isMap(node)) return null;
  const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
  return pair === undefined ? null : { mark: pair.key, value: pair.value };
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
