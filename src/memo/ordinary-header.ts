import { memoTypes } from "../project/memo-types.ts";
import { tryParseAddress } from "./address.ts";
import { checkMemoId } from "./file-name.ts";
import { type MemoHeader, NO_EXTRA, type ParseMemoOptions, timeOfId } from "./memo-header.ts";
import { priorities } from "./priority.ts";
import { isCalendarTime } from "./time.ts";

/** The keys of nearly every memo, in the order in which we write them, each with a value that needs no quotes. */
const ORDINARY = new RegExp(
  [
    "^---",
    "id: ([0-9TZ]{16}-[0-9a-hjkmnp-tv-z]{8})",
    "from: ([a-z0-9][a-z0-9@._-]*)",
    "to: ([a-z0-9][a-z0-9@._-]*)",
    "(?:date: ([0-9TZ:.-]+)\n)?(?:priority: ([a-z]+)\n)?(?:type: ([a-z]+)\n)?" +
      `subject: ([A-Za-z0-9](?:[\\w.,;/@+()=~!?$%'"*& -]{0,998}[\\w.,;/@+()=~!?$%'"*&-])?)`,
    "---\n$",
  ].join("\n"),
);
const mostCharacters = 2_048;
/** Without date, priority and type: the two lines of dashes and four keys. */
const FEWEST_LINES = 6;

/** A header, and where what follows it begins: offset, and line from 1. */
export interface LocatedHeader {
  header: MemoHeader;
  bodyStart: number;
  bodyLine: number;
}

/**
 * The front matter as we write it ourselves, at a third of the cost of reading YAML and schema for each memo of a list.
 * Null for whatever is more than that, and for whatever has a fault: {@link readHeader} decides there, and says which.
 */
export function readOrdinaryHeader(text: string, { now }: ParseMemoOptions): LocatedHeader | null {
  const end = text.indexOf("\n---\n", 3);
  if (end === -1 || end > mostCharacters) return null;
  const bodyStart = end + "\n---\n".length;
  // A string of its own: V8 keeps the whole of a text for the sake of a piece of it, and these pieces are kept.
  const found = ORDINARY.exec(`${text.slice(0, end)}\n---\n`);
  if (found === null) return null;
  const [, id = "", sender = "", receiver = "", date, rank, kind, subject = ""] = found;
  const from = tryParseAddress(sender);
  const to = tryParseAddress(receiver);
  const priority = rank === undefined ? "normal" : priorities.find((one) => one === rank);
  const type = kind === undefined ? "request" : memoTypes.find((one) => one === kind);
  if (from === null || to === null || priority === undefined || type === undefined) return null;
  if (!isOrdinaryId(id, now) || (date !== undefined && !isCalendarTime(date))) return null;
  const given = Number(date !== undefined) + Number(rank !== undefined) + Number(kind !== undefined);
  const header = { id, from, to, date: date ?? timeOfId(id), priority, type, subject, extra: NO_EXTRA };
  return { header, bodyStart, bodyLine: FEWEST_LINES + given + 1 };
}

/** Of a day that every month has, and no later than now: others are looked at more closely. */
function isOrdinaryId(id: string, now: Date): boolean {
  const isPast = USUAL_TIME.test(id) && id < compactNow(now);
  return isPast || checkMemoId(id, now) === null;
}

const USUAL_TIME = /^\d{4}(?:0[1-9]|1[0-2])(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3])[0-5]\d[0-5]\dZ-/;

let formatted = { time: Number.NaN, text: "" };

/** `20261120T143211Z`; of a whole inbox it is asked for one and the same moment. */
function compactNow(now: Date): string {
  const time = now.getTime();
  if (formatted.time !== time)
    formatted = { time, text: now.toISOString().slice(0, 19).replaceAll(/[-:]/g, "") };
  return formatted.text;
}
