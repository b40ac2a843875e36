import { Exit, VibeopsError } from "../../errors.ts";
import { DAY_MS } from "../../platform/units-of-time.ts";
import type { Readable } from "../../project/grants.ts";
import { type MemoType, memoTypes } from "../../project/memo-types.ts";
import { type Options, textOption } from "../command.ts";
import { oneOf } from "../values.ts";

/** `--types request,info`; undefined where it is not given. @throws VibeopsError `usage.value` */
export function typesOption(options: Options): MemoType[] | undefined {
  return wordsOption(options, "types", memoTypes);
}

/** `--read state,memos`; undefined where it is not given. @throws VibeopsError `usage.value` */
export function readOption(options: Options): Readable[] | undefined {
  return wordsOption(options, "read", ["state", "memos"]);
}

function wordsOption<T extends string>(
  options: Options,
  name: string,
  values: readonly T[],
): T[] | undefined {
  const given = textOption(options, name);
  if (given === undefined) return undefined;
  return [...new Set(given.split(",").map((word) => oneOf(name, word.trim(), values)))];
}

const MAX_DAYS = 36_500;

/** `--until 2027-06-30`, `90d` or `never`: the last day in UTC, null for no end. @throws VibeopsError `usage.value` */
export function untilOption(options: Options, now: Date): string | null | undefined {
  const given = textOption(options, "until");
  if (given === undefined || given === "never") return given === undefined ? undefined : null;
  const days = /^(\d{1,5})d$/.exec(given)?.[1];
  if (days !== undefined && Number(days) <= MAX_DAYS) {
    return new Date(now.getTime() + Number(days) * DAY_MS).toISOString().slice(0, 10);
  }
  const today = now.toISOString().slice(0, 10);
  if (isDay(given) && given >= today) return given;
  throw new VibeopsError({
    code: "usage.value",
    exit: Exit.usage,
    message: isDay(given) ? `--until is ${given}, which is over` : `--until is '${given}'`,
    fix: `a day from ${today} on, a number of days (90d), or never`,
  });
}

function isDay(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
