import { Exit, VibeopsError } from "../errors.ts";
import { lineAt } from "./lines.ts";

export interface ReceivedYamlOptions {
  file?: string | undefined;
  /** Line of the file on which `text` begins. Default 1. */
  firstLine?: number | undefined;
  /** Prefix of the error codes: `memo` makes `memo.yaml-tag`. Default `text`. */
  code?: string | undefined;
  maxBytes?: number | undefined;
  maxLines?: number | undefined;
  maxKeys?: number | undefined;
  maxDepth?: number | undefined;
}

export interface Limits {
  maxBytes: number;
  maxLines: number;
  maxKeys: number;
  maxDepth: number;
}

const defaults: Limits = { maxBytes: 32_768, maxLines: 1_000, maxKeys: 256, maxDepth: 16 };

/** Just the counting on the bare text, for whoever hands it to another parser first. Throws as above. */
export function checkReceivedLimits(text: string, options: ReceivedYamlOptions): void {
  checkLimits(text, limitsOf(options), refusal(text, options));
}

/** The depth alone, of a text that may be long otherwise. Throws as above. */
export function checkReceivedDepth(text: string, options: ReceivedYamlOptions): void {
  checkDepth(text, limitsOf({ ...options, maxLines: text.length + 1 }), refusal(text, options));
}

/** The limits with their defaults. */
export function limitsOf(options: ReceivedYamlOptions): Limits {
  return {
    maxBytes: options.maxBytes ?? defaults.maxBytes,
    maxLines: options.maxLines ?? defaults.maxLines,
    maxKeys: options.maxKeys ?? defaults.maxKeys,
    maxDepth: options.maxDepth ?? defaults.maxDepth,
  };
}

export type Refuse = (reason: string, offset: number, message: string, fix: string) => VibeopsError;

/** Makes errors that know their file and line. */
export function refusal(text: string, options: ReceivedYamlOptions): Refuse {
  return (reason, offset, message, fix) =>
    new VibeopsError({
      code: `${options.code ?? "text"}.${reason}`,
      exit: Exit.invalid,
      message,
      file: options.file,
      line: (options.firstLine ?? 1) + lineAt(text, offset) - 1,
      fix,
    });
}

/**
 * Counts on the bare text, before any parser sees it: it may count too much, as in plain scalars with brackets.
 * Depth first: a thousand nested keys are a depth attack before they are many keys.
 */
export function checkLimits(text: string, limits: Limits, refuse: Refuse): void {
  checkDepth(text, limits, refuse);
  const keys = /:(?=[\s"'[{]|$)|\?(?=\s)|["']:/gm;
  for (let count = 1, match = keys.exec(text); match !== null; match = keys.exec(text), count += 1) {
    if (count > limits.maxKeys) {
      throw refuse(
        "keys",
        match.index,
        `the YAML has more than ${limits.maxKeys} keys`,
        "move the text into the body",
      );
    }
  }
  if (Buffer.byteLength(text) > limits.maxBytes) {
    throw refuse(
      "size",
      0,
      `the YAML is longer than ${limits.maxBytes} bytes`,
      "move the text into the body",
    );
  }
  if (text.split("\n", limits.maxLines + 1).length > limits.maxLines) {
    throw refuse(
      "size",
      text.length,
      `the YAML has more than ${limits.maxLines} lines`,
      "move the text into the body",
    );
  }
}

function checkDepth(text: string, limits: Limits, refuse: Refuse): void {
  const tooDeep = firstTooDeep(text, limits);
  if (tooDeep === -1) return;
  const message = `the YAML is nested more than ${limits.maxDepth} levels deep`;
  throw refuse("depth", tooDeep, message, "write it flatter");
}

/** Offset of the first place that is too deep, by brackets, by indentation, or by `- - -` and `? ? ?`; or -1. */
function firstTooDeep(text: string, { maxDepth, maxLines }: Limits): number {
  const indents: number[] = [];
  let brackets = 0;
  let offset = 0;
  // What lies beyond is refused by the other limits.
  for (const line of text.split("\n", maxLines + 1)) {
    if (nestBlocks(indents, line) > maxDepth) return offset;
    for (const match of withoutQuoted(line).matchAll(/[[\]{}]/g)) {
      brackets = Math.max(0, brackets + (match[0] === "[" || match[0] === "{" ? 1 : -1));
      if (brackets > maxDepth) return offset + match.index;
    }
    offset += line.length + 1;
  }
  return -1;
}

/**
 * The line with the inside of quoted scalars blanked, so that brackets in somebody's words do not count. A quote that
 * does not end on its line blanks nothing. What this lets through by mistake, the parser's own depth limit stops.
 */
function withoutQuoted(line: string): string {
  let result = "";
  let done = 0;
  for (const match of line.matchAll(/(?<=^|[\s[{,:])["']/g)) {
    if (match.index < done) continue;
    const end = endOfQuoted(line, match.index);
    if (end === -1) break;
    result += line.slice(done, match.index) + " ".repeat(end - match.index);
    done = end;
  }
  return result + line.slice(done);
}

/** Offset behind the closing quote; -1 where the line ends before it. */
function endOfQuoted(line: string, start: number): number {
  const quote = line[start];
  for (let i = start + 1; i < line.length; i += 1) {
    if (quote === '"' && line[i] === "\\") i += 1;
    else if (line[i] === quote && (quote === '"' || line[i + 1] !== "'")) return i + 1;
    else if (line[i] === quote) i += 1;
  }
  return -1;
}

/** Takes a line into the stack of indentations that are open, and says how deep its text stands. */
function nestBlocks(indents: number[], line: string): number {
  const body = line.trimStart();
  if (body === "") return 0;
  const indent = line.length - body.length;
  while ((indents.at(-1) ?? -1) >= indent) indents.pop();
  indents.push(indent);
  const markers = /^(?:[-?:][ \t]+)*/.exec(body)?.[0].match(/[-?:]/g)?.length ?? 0;
  return indents.length + markers;
}
