import type { Context } from "./context.ts";

/** Crockford's base 32 in lower case: no i, l, o, u. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** A UTC time to the second and eight random Crockford characters (40 bits): sorts by time, needs no counter. */
export const ID_PATTERN = /^\d{8}T\d{6}Z-[0-9a-hjkmnp-tv-z]{8}$/;

export function newId(context: Pick<Context, "now" | "randomBytes">): string {
  return `${compactTime(context.now())}-${randomName(context, 8)}`;
}

/** `length` random Crockford characters, five bits each. */
function randomName(context: Pick<Context, "randomBytes">, length: number): string {
  // 256 is a multiple of 32, so the remainder is uniform.
  return Array.from(context.randomBytes(length), (byte) => ALPHABET[byte % 32]).join("");
}

/** `20261120T143211Z`: as ids begin, so that it tells older ids from younger ones without reading their times. */
export function compactTime(time: Date): string {
  return `${time.toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
}

/** The time in an id; null where it is no id or names no real time (February 30th). */
export function idTime(id: string): Date | null {
  if (!ID_PATTERN.test(id)) return null;
  const [year, month, day] = [digitsAt(id, 0, 4), digitsAt(id, 4, 2), digitsAt(id, 6, 2)];
  const [hour, minute, second] = [digitsAt(id, 9, 2), digitsAt(id, 11, 2), digitsAt(id, 13, 2)];
  if (hour > 23 || minute > 59 || second > 59) return null;
  const time = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  // Date.UTC takes the years of the first century for those of the last.
  if (year < 100) time.setUTCFullYear(year, month - 1, day);
  // A day too many is the first of the next month.
  return time.getUTCDate() === day && time.getUTCMonth() === month - 1 ? time : null;
}

/** The number that stands there: ids of a whole inbox are read, and cutting them up costs more. */
function digitsAt(text: string, start: number, length: number): number {
  let value = 0;
  for (let at = start; at < start + length; at += 1) value = value * 10 + text.charCodeAt(at) - 48;
  return value;
}

/** The month folder of an id, `2026-11`. */
export function idMonth(id: string): string {
  return `${id.slice(0, 4)}-${id.slice(4, 6)}`;
}

/** ASCII words joined by dashes, at most 60 characters; empty where nothing is left to make a slug of. */
export function slugify(text: string): string {
  return text
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 60)
    .replaceAll(/^-+|-+$/g, "");
}
