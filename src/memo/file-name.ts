import { ID_PATTERN, idTime, slugify } from "../platform/ids.ts";
import { HOUR_MS } from "../platform/units-of-time.ts";

/** How far a sender's clock may run ahead. A name from the far future would sort last for ever. */
const maxClockSkewMs = 48 * HOUR_MS;

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
  return checkMemoId(id, now)?.message ?? null;
}

/** Why an id cannot be a memo's, in words, and what to do; null when it can. */
export function checkMemoId(id: string, now: Date): { message: string; fix: string } | null {
  const fix = "let vibeops memo new or adopt write the id";
  const time = idTime(id);
  if (time === null && !ID_PATTERN.test(id))
    return { message: "the id is not a UTC time and eight characters, like 20261120T143211Z-7k3qfp2m", fix };
  if (time === null) return { message: "the id names a time that does not exist", fix };
  return time.getTime() > now.getTime() + maxClockSkewMs ? aheadOf(now, time) : null;
}

/** Who reads this may sit at the machine that is wrong. */
function aheadOf(now: Date, time: Date): { message: string; fix: string } {
  const [there, here] = [time, now].map((one) => `${one.toISOString().slice(0, 19)}Z`);
  return {
    message: `the id lies more than 48 hours in the future: it says ${there}, the clock here says ${here}: the clocks of the two machines differ, or the id was written by hand`,
    fix: "see which clock is wrong (date -u) and set it; where it is this one, put the memo back into memos/incoming, else ask for it to be sent again",
  };
}

/** The id in a memo's file name; null when it is no such name. */
export function idOfFileName(name: string): string | null {
  return name.length <= maxBytes ? (NAME.exec(name)?.[1] ?? null) : null;
}
