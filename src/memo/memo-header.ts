import { Exit, VibeopsError } from "../errors.ts";
import { idTime } from "../platform/ids.ts";
import { type MemoType, memoTypes } from "../project/memo-types.ts";
import { scanHidden } from "../text/characters.ts";
import type { FrontMatter } from "../text/front-matter.ts";
import { nearest } from "../text/similar.ts";
import { formatCodePoint, quoteUntrusted } from "../text/visible.ts";
import { type Address, parseAddress, tryParseAddress } from "./address.ts";
import { checkMemoId } from "./file-name.ts";
import { type Priority, priorities } from "./priority.ts";
import { isCalendarTime } from "./time.ts";

/** All that a memo says about itself. */
export interface MemoHeader {
  id: string;
  from: Address;
  to: Address;
  /** ISO 8601; from the id unless told. */
  date: string;
  priority: Priority;
  type: MemoType;
  subject: string;
  thread?: string;
  replyTo?: string;
  refs?: string[];
  due?: string;
  session?: string;
  tool?: string;
  /** The keys that begin with `x-`. No prototype. */
  extra: Readonly<Record<string, string>>;
}

export interface ParseMemoOptions {
  /** As the person would type it; stands in every error. */
  file?: string | undefined;
  /** Ids from more than 48 hours later are refused. */
  now: Date;
}

const maxValueLength = 1_000;
/** Nearly every value, and none that has to be looked at character by character. */
const ordinaryValue = /^[!-~][ -~]{0,999}$/;
const required = ["id", "from", "to", "subject"];
const known = [
  ...required,
  "date",
  "priority",
  "type",
  "thread",
  "reply-to",
  "refs",
  "due",
  "session",
  "tool",
];
const knownKeys: ReadonlySet<string> = new Set(known);

/**
 * The closed schema of a memo's front matter. By hand and without a schema library: it is read for every memo in
 * every list, and zod alone takes longer to load than a hundred memos to parse.
 *
 * @throws VibeopsError `memo.unknown-key|missing-key|type|value|id|route|line|control|bidi|invisible`
 */
export function readHeader(frontMatter: FrontMatter, options: ParseMemoOptions): MemoHeader {
  const fields = new Fields(frontMatter, options);
  refuseUnknownKeys(fields);
  const id = readId(fields);
  const header: MemoHeader = {
    id,
    from: readAddress(fields, "from"),
    to: readAddress(fields, "to"),
    date: readTime(fields, "date") ?? timeOfId(id),
    priority: readChoice(fields, "priority", priorities, "normal"),
    type: readChoice(fields, "type", memoTypes, "request"),
    subject: requireText(fields, "subject"),
    extra: readExtra(fields),
  };
  const thread = readReference(fields, "thread");
  const replyTo = readReference(fields, "reply-to");
  const refs = fields.texts("refs");
  const due = readTime(fields, "due");
  const session = fields.text("session");
  const tool = fields.text("tool");
  if (thread !== undefined) header.thread = thread;
  if (replyTo !== undefined) header.replyTo = replyTo;
  if (refs !== undefined) header.refs = refs;
  if (due !== undefined) header.due = due;
  if (session !== undefined) header.session = session;
  if (tool !== undefined) header.tool = tool;
  return header;
}

/** Whether a key may carry what the format does not know. */
export function isExtraKey(key: string): boolean {
  return /^x-[a-z0-9][a-z0-9_-]{0,62}$/.test(key);
}

function refuseUnknownKeys(fields: Fields): void {
  for (const key of fields.keys) {
    if (knownKeys.has(key) || isExtraKey(key)) continue;
    const meant = nearest(key, known);
    throw fields.refuse(
      "unknown-key",
      key,
      `unknown key ${quoteUntrusted(key)}`,
      meant === undefined ? "delete it, or begin its name with x-" : `write ${meant}`,
    );
  }
  for (const key of required) {
    if (fields.has(key)) continue;
    throw fields.refuse("missing-key", key, `the key ${key} is missing`, `add a line ${key}: …`);
  }
}

function requireText(fields: Fields, key: string): string {
  return fields.text(key) ?? "";
}

function readAddress(fields: Fields, key: string): Address {
  const text = requireText(fields, key);
  return tryParseAddress(text) ?? parseAddress(text, fields.place(key));
}

function readId(fields: Fields): string {
  const id = requireText(fields, "id");
  const fault = checkMemoId(id, fields.now);
  if (fault !== null) throw fields.refuse("id", "id", fault.message, fault.fix);
  return id;
}

/** An id of another memo, of whatever time. */
function readReference(fields: Fields, key: string): string | undefined {
  const id = fields.text(key);
  if (id !== undefined && idTime(id) === null) {
    throw fields.refuse("id", key, `${key} is no memo id: ${quoteUntrusted(id)}`, "write the id of a memo");
  }
  return id;
}

function readTime(fields: Fields, key: string): string | undefined {
  const time = fields.text(key);
  if (time !== undefined && !isCalendarTime(time)) {
    throw fields.refuse(
      "value",
      key,
      `${key} is no date or time: ${quoteUntrusted(time)}`,
      "write 2026-11-20 or 2026-11-20T14:32:11Z",
    );
  }
  return time;
}

function readChoice<T extends string>(fields: Fields, key: string, choices: readonly T[], otherwise: T): T {
  const value = fields.text(key);
  if (value === undefined) return otherwise;
  const choice = choices.find((candidate) => candidate === value);
  if (choice !== undefined) return choice;
  const meant = nearest(value, choices);
  throw fields.refuse(
    "value",
    key,
    `${key} cannot be ${quoteUntrusted(value)}`,
    meant === undefined ? `write one of ${choices.join(", ")}` : `write ${meant}`,
  );
}

function readExtra(fields: Fields): Readonly<Record<string, string>> {
  const keys = fields.keys.filter((key) => key.startsWith("x-"));
  if (keys.length === 0) return NO_EXTRA;
  const extra: Record<string, string> = Object.create(null);
  for (const key of keys) extra[key] = requireText(fields, key);
  return extra;
}

/** `2026-11-20T14:32:11Z`, of an id that names a real time. */
export function timeOfId(id: string): string {
  // Put together piece by piece, V8 would keep the pieces, of each memo of a list.
  return id.replace(ID_TIME, "$1-$2-$3T$4:$5:$6Z");
}

const ID_TIME = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-.*$/;

/** One for all: an object without a prototype takes longer to make than a line to read. */
export const NO_EXTRA: Readonly<Record<string, string>> = Object.freeze(Object.create(null));

/** The front matter's values, read key by key into what the schema says. */
class Fields {
  readonly keys: readonly string[];
  readonly #frontMatter: FrontMatter;
  readonly #options: ParseMemoOptions;

  constructor(frontMatter: FrontMatter, options: ParseMemoOptions) {
    this.#frontMatter = frontMatter;
    this.#options = options;
    this.keys = Object.keys(frontMatter.data);
  }

  has(key: string): boolean {
    return this.#frontMatter.data[key] !== undefined;
  }

  get now(): Date {
    return this.#options.now;
  }

  refuse(reason: string, key: string, message: string, fix: string): VibeopsError {
    const place = this.place(key);
    return new VibeopsError({ code: `memo.${reason}`, exit: Exit.invalid, message, ...place, fix });
  }

  place(key: string): { file: string | undefined; line: number } {
    return { file: this.#options.file, line: this.#frontMatter.lineOf(key) ?? 1 };
  }

  /** One line of text, or undefined when the key is absent. */
  text(key: string): string | undefined {
    const value = this.#frontMatter.data[key];
    return value === undefined ? undefined : this.#line(key, value);
  }

  texts(key: string): string[] | undefined {
    const value = this.#frontMatter.data[key];
    if (value === undefined) return undefined;
    return Array.isArray(value) ? value.map((item) => this.#line(key, item)) : [this.#line(key, value)];
  }

  #line(key: string, value: unknown): string {
    if (typeof value !== "string")
      throw this.refuse("type", key, `${key} must be text`, `write ${key}: some text`);
    if (ordinaryValue.test(value)) return value;
    if (/^ *$/.test(value)) throw this.refuse("type", key, `${key} is empty`, `write ${key}: some text`);
    if (value.length > maxValueLength) {
      throw this.refuse("line", key, `${key} is longer than ${maxValueLength} characters`, "shorten it");
    }
    const control = /[\t\r\n]/.exec(value)?.[0].charCodeAt(0);
    if (control !== undefined) {
      throw this.refuse("control", key, `${key} holds ${formatCodePoint(control)}`, "write it on one line");
    }
    for (const { kind, codePoint } of scanHidden(value)) {
      const message = `${key} holds the ${kind} character ${formatCodePoint(codePoint)}`;
      throw this.refuse(kind, key, message, "delete the escape");
    }
    // What is left may still be white space of other kinds.
    if (value.trim() === "") throw this.refuse("type", key, `${key} is empty`, `write ${key}: some text`);
    return value;
  }
}
