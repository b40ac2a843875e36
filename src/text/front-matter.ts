import matter from "gray-matter";
import { Exit, VibeopsError } from "../errors.ts";
import { lineAt } from "./lines.ts";
import { readPlainMapping } from "./plain-mapping.ts";
import { checkReceivedLimits } from "./yaml-limits.ts";
import { type ReceivedYaml, readReceivedYaml } from "./yaml-received.ts";

export interface FrontMatter {
  /** Strings, arrays and objects without a prototype; itself without a prototype. */
  data: Readonly<Record<string, unknown>>;
  /** The line of a top-level key in the file. */
  lineOf(key: string): number | undefined;
  /** Offset in the text of the first character after the closing line. */
  bodyStart: number;
  /** 1-based line of the body's first line. */
  bodyLine: number;
}

export interface FrontMatterOptions {
  file?: string | undefined;
  /** Prefix of the error codes: `memo`, `runbook`. */
  code: string;
  maxKeys?: number | undefined;
}

/**
 * Reads the YAML between a first line that is exactly `---` and the next line that is exactly `---`
 * (`\n` or `\r\n`). This is the one place that calls gray-matter, which by itself executes `---js` on read:
 * it sees only text whose delimiters we have found, every engine is replaced, nothing is cached and nothing
 * is ever stringified. Offsets and lines are counted here.
 *
 * @throws VibeopsError `<code>.fm-missing|fm-language|fm-delimiter|fm-unclosed|yaml-…|depth|keys|size|type`
 */
export function parseFrontMatter(text: string, options: FrontMatterOptions): FrontMatter {
  const { start, end, bodyStart, lines } = locate(text, options);
  const source = text.slice(start, end);
  const yaml = readPlainMapping(source, 2, options.maxKeys ?? 64) ?? readGuarded(source, options);
  if (typeof yaml.value !== "object" || Array.isArray(yaml.value)) {
    throw refuse(
      options,
      "type",
      2,
      "the front matter is not a list of `key: value` lines",
      "write `key: value`",
    );
  }
  return { data: yaml.value, lineOf: (key) => yaml.lineOf([key]), bodyStart, bodyLine: lines + 1 };
}

interface Located {
  /** The YAML between the two delimiter lines. */
  start: number;
  end: number;
  bodyStart: number;
  /** Lines of the whole front matter, both delimiters included. */
  lines: number;
}

function locate(text: string, options: FrontMatterOptions): Located {
  const first = lineFrom(text, 0);
  if (first.text !== "---") throw refuseOpening(text, first.text, options);
  // The only lines that matter to us; the YAML between is for its parser.
  const marker = /^(?:---|\.\.\.|%)/gm;
  marker.lastIndex = first.next;
  const found = first.next < text.length ? marker.exec(text) : null;
  if (found === null) {
    throw refuse(
      options,
      "fm-unclosed",
      1,
      "the front matter is never closed",
      "put a line with just --- after the last key",
    );
  }
  const line = lineAt(text, found.index);
  const last = lineFrom(text, found.index);
  if (last.text !== "---") throw refuseMarker(last.text, line, options);
  return { start: first.next, end: found.index, bodyStart: last.next, lines: line };
}

function lineFrom(text: string, start: number): { text: string; next: number } {
  const newline = text.indexOf("\n", start);
  const end = newline === -1 ? text.length : newline;
  const trimmed = end > start && text[end - 1] === "\r" ? end - 1 : end;
  return { text: text.slice(start, trimmed), next: newline === -1 ? end : newline + 1 };
}

function refuseOpening(text: string, first: string, options: FrontMatterOptions): VibeopsError {
  if (first.startsWith("\uFEFF")) {
    return refuse(
      options,
      "fm-delimiter",
      1,
      "the file begins with a byte order mark (U+FEFF)",
      "save the file as UTF-8 without a byte order mark",
    );
  }
  if (/^---[ \t]*[^-\s]/.test(first)) {
    return refuse(
      options,
      "fm-language",
      1,
      "the opening --- names a language; only YAML is read",
      "make the first line just ---",
    );
  }
  if (/^\s*---\s*$/.test(first) || /^\s{0,1000}---[ \t\r]*\n/.test(text)) {
    return refuse(
      options,
      "fm-delimiter",
      1,
      "the opening --- is not alone on the first line",
      "make the first line just ---, without spaces or empty lines before it",
    );
  }
  return refuse(
    options,
    "fm-missing",
    1,
    "there is no front matter",
    "begin the file with a line ---, the keys, and a line ---",
  );
}

function refuseMarker(line: string, number: number, options: FrontMatterOptions): VibeopsError {
  if (line.startsWith("---")) {
    return refuse(
      options,
      "fm-delimiter",
      number,
      "this line begins with --- and is not just ---",
      "write just --- to close the front matter, or put the value in quotes",
    );
  }
  return line.startsWith("%")
    ? refuse(options, "yaml-directive", number, "a YAML directive (%…) is not allowed", "delete the line")
    : refuse(options, "yaml-multidoc", number, "a YAML document end (...) is not allowed", "delete the line");
}

/** Every engine that gray-matter ships, aliases or documents: none may run but ours. */
const foreignEngines = ["json", "javascript", "js", "coffee", "coffeescript", "cson", "toml", "yml"];

function readGuarded(yaml: string, options: FrontMatterOptions): ReceivedYaml {
  const limits = { ...options, firstLine: 2, maxLines: 500 };
  // Before gray-matter, whose search for an empty block is quadratic in blank lines.
  checkReceivedLimits(yaml, limits);
  let found = "";
  const never = (): never => {
    throw refuse(options, "fm-language", 1, "only YAML front matter is read", "make the first line just ---");
  };
  matter(`---\n${yaml}---\n`, {
    language: "yaml",
    engines: {
      ...Object.fromEntries(foreignEngines.map((name) => [name, never])),
      // gray-matter looks into what an engine returns, so it gets an empty object and we keep the text.
      yaml: (text: string) => {
        found = text.slice(1);
        return {};
      },
    },
  });
  return readReceivedYaml(found === "" ? "{}" : found, limits);
}

function refuse(options: FrontMatterOptions, reason: string, line: number, message: string, fix: string) {
  return new VibeopsError({
    code: `${options.code}.${reason}`,
    exit: Exit.invalid,
    message,
    file: options.file,
    line,
    fix,
  });
}
