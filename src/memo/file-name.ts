import { ID_PATTERN, idTime, slugify } from "../platform/ids.ts";

/** How far a sender's clock may run ahead. A name from the far future would sort last for ever. */
const maxClockSkewMs = 48 * 60 * 60 * 1000;

const NAME = /^(\d{8}T\d{6}Z-[0-9a-hjkmnp-tv-z]{8})(?:-[a-z0-9]+(?:-[a-z0-9]+)*)?\.md$/;
const maxBytes = 128;

/** `<id>-<slug>.md`, or `<id>.md` where the subject has nothing to make a slug of. */
export function memoFileName(id: string, subject: string): string {
  const slug = slugify(subject);
  return slug === "" ? `${id}.md` : `${id}-${slug}.md`;
}

/** Why a name cannot be a memo's, in words; null when it can. */
export function checkMemoFileName(name: string, now: Date): string | null {
  const id = name.length <= maxBytes ? NAME.exec(name)?.[1] : undefined;
  if (id === undefined) return "the name is not <id>-<slug>.md in lower-case ASCII";
  return checkMemoId(id, now);
}

/** Why an id cannot be a memo's, in words; null when it can. */
export function checkMemoId(id: string, now: Date): string | null {
  const time = idTime(id);
  if (time === null && !ID_PATTERN.test(id))
    return "the id is not a UTC time and eight characters, like 20261120T143211Z-7k3qfp2m";
  if (time === null) return "the id names a time that does not exist";
  if (time.getTime() > now.getTime() + maxClockSkewMs) return "the id lies more than 48 hours in the future";
  return null;
}

/** The id in a memo's file name; null when it is no such name. */
export function idOfFileName(name: string): string | null {
  return name.length <= maxBytes ? (NAME.exec(name)?.[1] ?? null) : null;
}
