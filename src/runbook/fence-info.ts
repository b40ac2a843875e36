import { MINUTE_MS } from "../platform/units-of-time.ts";
import { formatDuration, parseDuration } from "../text/duration.ts";
import { linearPattern } from "../text/linear-pattern.ts";
import { PatternError } from "../text/pattern-syntax.ts";
import { nearest } from "../text/similar.ts";
import type { Capture, CommandFence, CommandKind } from "./runbook.ts";
import { isVariableName } from "./variable-names.ts";

/** What the words after a fence's backticks say. */
export type FenceInfo = Pick<
  CommandFence,
  "kind" | "hosts" | "together" | "timeoutMs" | "expect" | "attempts" | "intervalMs" | "capture"
>;

const KINDS: readonly CommandKind[] = ["run", "check", "rollback"];

const ATTRIBUTES: Readonly<Record<CommandKind, readonly string[]>> = {
  run: ["host", "timeout", "capture", "pattern"],
  check: ["host", "timeout", "expect", "attempts", "interval"],
  rollback: ["host", "timeout"],
};

/** Words that stand alone. A way back is gone host by host, each confirmed. */
const FLAGS: Readonly<Record<CommandKind, readonly string[]>> = {
  run: ["together"],
  check: ["together"],
  rollback: [],
};

const DEFAULT_TIMEOUT_MS: Readonly<Record<CommandKind, number>> = {
  run: 10 * MINUTE_MS,
  check: MINUTE_MS,
  rollback: 10 * MINUTE_MS,
};
const DEFAULT_INTERVAL_MS = 2000;
const MAX_ATTEMPTS = 1000;

/** Thrown by {@link parseFenceInfo}; the caller knows file and line. */
export class FenceInfoError extends Error {
  readonly fix: string;
  constructor(message: string, fix: string) {
    super(message);
    this.fix = fix;
  }
}

/**
 * Whether a fence is a command of a runbook, or would be taken for one: `sh run …`, `bash check …`, `SH run …`, `ksh
 * run …`, `run host=…`. Other fences are prose. What is none of ours after all, {@link parseFenceInfo} refuses.
 */
export function isCommandFence(info: string): boolean {
  if (isActionFence(info)) return false;
  return (
    /^\s*(?:sh|bash|shell|zsh|console)\s+\S/i.test(info) ||
    /^\s*sh\s*$/i.test(info) ||
    /^\s*(?:\S+\s+)?(?:run|check|rollback)(?=\s|$)/i.test(info) ||
    /\shost=/i.test(info)
  );
}

export function isActionFence(info: string): boolean {
  return /^\s*ya?ml\s+action\b/i.test(info);
}

/** An action says all of itself in its lines. @throws FenceInfoError */
export function requireActionInfo(info: string): void {
  if (/^ya?ml\s+action$/.test(info.trim())) return;
  throw new FenceInfoError(
    "this would be taken for an action, and its first line says something else",
    "begin it with just: yaml action",
  );
}

/**
 * Reads `sh run host=web1,web2 together timeout=5m`: values are bare words or in double quotes, where `\"` and
 * `\\` stand for themselves.
 *
 * @throws FenceInfoError
 */
export function parseFenceInfo(info: string): FenceInfo {
  const [language, kindWord, ...rest] = splitWords(info);
  if (language !== "sh") {
    throw new FenceInfoError(`commands are written for sh, not for ${language}`, "begin the fence with: sh");
  }
  const kind = KINDS.find((known) => known === kindWord);
  if (kind === undefined) {
    throw new FenceInfoError(
      kindWord === undefined
        ? "this sh fence does not say what it is"
        : `'${kindWord}' is no kind of command`,
      "write: sh run host=…, sh check host=… or sh rollback host=…",
    );
  }
  return build(kind, readAttributes(kind, rest));
}

function splitWords(info: string): string[] {
  const words: string[] = [];
  const pattern = /\s*((?:[^\s"]|"(?:[^"\\]|\\.)*")+)/y;
  let at = 0;
  while (at < info.trimEnd().length) {
    pattern.lastIndex = at;
    const match = pattern.exec(info);
    if (match === null) {
      throw new FenceInfoError("a quote is opened and not closed", 'close it: expect="text"');
    }
    words.push(match[1] ?? "");
    at = pattern.lastIndex;
  }
  return words;
}

function readAttributes(kind: CommandKind, words: readonly string[]): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const word of words) {
    if (FLAGS[kind].includes(word)) {
      addAttribute(attributes, word, "");
      continue;
    }
    const [, name, value] = /^([a-z]+)=(.+)$/s.exec(word) ?? [];
    if (name === undefined || value === undefined) {
      throw new FenceInfoError(`'${word}' is not of the form name=value`, "write for example: timeout=5m");
    }
    if (!ATTRIBUTES[kind].includes(name)) throw unknownAttribute(kind, name);
    addAttribute(attributes, name, unquote(value));
  }
  return attributes;
}

function addAttribute(attributes: Map<string, string>, name: string, value: string): void {
  if (attributes.has(name)) throw new FenceInfoError(`'${name}' stands here twice`, "keep one of them");
  attributes.set(name, value);
}

function unknownAttribute(kind: CommandKind, name: string): FenceInfoError {
  const known = [...ATTRIBUTES[kind], ...FLAGS[kind]];
  const near = nearest(name, known);
  return new FenceInfoError(
    `'${name}' means nothing for a ${kind}`,
    near === undefined ? `known here: ${known.join(", ")}` : `did you mean ${near}?`,
  );
}

function unquote(value: string): string {
  if (!value.includes('"')) return value;
  const [, inner] = /^"((?:[^"\\]|\\.)*)"$/s.exec(value) ?? [];
  if (inner === undefined)
    throw new FenceInfoError("the quotes do not hold the whole value", 'write: expect="text"');
  return inner.replace(/\\(.)/gs, (_, character: string) => {
    if (character === '"' || character === "\\") return character;
    throw new FenceInfoError(`'\\${character}' means nothing here`, 'only \\" and \\\\ are known');
  });
}

function build(kind: CommandKind, attributes: ReadonlyMap<string, string>): FenceInfo {
  const hosts = readHosts(kind, attributes.get("host"));
  const expect = attributes.get("expect");
  const capture = readCapture(attributes);
  if (capture !== undefined && hosts.length > 1) {
    throw new FenceInfoError(
      `${capture.name} is one value, and this run goes to ${hosts.length} hosts`,
      "capture it in a step on one host",
    );
  }
  return {
    kind,
    hosts,
    together: attributes.has("together"),
    timeoutMs: readTime(attributes, "timeout", DEFAULT_TIMEOUT_MS[kind]),
    attempts: readAttempts(attributes.get("attempts")),
    intervalMs: readTime(attributes, "interval", DEFAULT_INTERVAL_MS),
    ...(expect === undefined ? {} : { expect }),
    ...(capture === undefined ? {} : { capture }),
  };
}

function readHosts(kind: CommandKind, text: string | undefined): string[] {
  if (text === undefined) throw new FenceInfoError(`this ${kind} names no host`, "add: host=NAME");
  const hosts = text.split(",");
  if (hosts.some((host) => host.trim() !== host || host === "")) {
    throw new FenceInfoError(`'${text}' is no list of hosts`, "write: host=web1,web2");
  }
  const twice = findTwice(hosts);
  if (twice === undefined) return hosts;
  throw new FenceInfoError(`host ${twice} stands here twice`, "keep one of them");
}

/** The first of the names that stands there before. */
export function findTwice(names: readonly string[]): string | undefined {
  return names.find((name, i) => names.indexOf(name) !== i);
}

function readTime(attributes: ReadonlyMap<string, string>, name: string, fallback: number): number {
  const text = attributes.get(name);
  if (text === undefined) return fallback;
  const milliseconds = parseDuration(text);
  if (milliseconds !== null) return milliseconds;
  throw new FenceInfoError(`'${text}' is no length of time`, `write for example: ${name}=30s, 5m or 1h`);
}

function readAttempts(text: string | undefined): number {
  if (text === undefined) return 1;
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= MAX_ATTEMPTS) return count;
  throw new FenceInfoError(`'${text}' is no number of attempts`, `write a number from 1 to ${MAX_ATTEMPTS}`);
}

function readCapture(attributes: ReadonlyMap<string, string>): Capture | undefined {
  const name = attributes.get("capture");
  const pattern = attributes.get("pattern");
  if (name === undefined && pattern === undefined) return undefined;
  if (name === undefined || pattern === undefined) {
    throw new FenceInfoError(
      "a captured value has a name and a pattern",
      'write: capture=NAME pattern="[0-9]+"',
    );
  }
  if (!isVariableName(name))
    throw new FenceInfoError(`'${name}' cannot be a variable here`, "write capitals: capture=NAME");
  try {
    linearPattern(pattern);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new FenceInfoError(`the pattern cannot be used: ${error.message}`, 'write: pattern="[0-9]+"');
  }
  return { name, pattern };
}

/** The info string that {@link parseFenceInfo} reads as this; what equals a default is left out. */
export function formatFenceInfo(info: FenceInfo): string {
  const words = ["sh", info.kind, `host=${info.hosts.join(",")}`, ...(info.together ? ["together"] : [])];
  if (info.timeoutMs !== DEFAULT_TIMEOUT_MS[info.kind])
    words.push(`timeout=${formatDuration(info.timeoutMs)}`);
  if (info.attempts !== 1) words.push(`attempts=${info.attempts}`);
  if (info.intervalMs !== DEFAULT_INTERVAL_MS) words.push(`interval=${formatDuration(info.intervalMs)}`);
  if (info.expect !== undefined) words.push(`expect="${info.expect.replace(/["\\]/g, "\\$&")}"`);
  if (info.capture !== undefined) {
    words.push(`capture=${info.capture.name}`, `pattern="${info.capture.pattern.replace(/["\\]/g, "\\$&")}"`);
  }
  return words.join(" ");
}

/** What a fence has unless it says otherwise. */
export function fenceDefaults(kind: CommandKind): Pick<FenceInfo, "timeoutMs" | "attempts" | "intervalMs"> {
  return { timeoutMs: DEFAULT_TIMEOUT_MS[kind], attempts: 1, intervalMs: DEFAULT_INTERVAL_MS };
}
