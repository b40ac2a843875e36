import { Exit, VibeopsError } from "../errors.ts";
import { nearest } from "../text/similar.ts";

/** A flag's value out of those that there are. @throws VibeopsError `usage.value` naming them and the nearest */
export function oneOf<T extends string>(flag: string, value: string, values: readonly T[]): T {
  return among(`--${flag} is '${value}'`, value, values);
}

/** The one of these words that a value is. @param problem what is wrong where it is none @throws VibeopsError `usage.value` */
export function among<T extends string>(problem: string, value: string, values: readonly T[]): T {
  const found = values.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  const near = nearest(value, values);
  throw new VibeopsError({
    code: "usage.value",
    exit: Exit.usage,
    message: `${problem}${near === undefined ? "" : `; did you mean '${near}'?`}`,
    fix: `one of: ${values.join(", ")}`,
  });
}

/** A flag's value as a whole number. @throws VibeopsError `usage.value` */
export function wholeNumber(flag: string, value: string, least: number): number {
  const number = Number(value);
  if (/^\d{1,9}$/.test(value) && number >= least) return number;
  throw new VibeopsError({
    code: "usage.value",
    exit: Exit.usage,
    message: `--${flag} is '${value}'`,
    fix: `a whole number from ${least} up`,
  });
}

/** A flag's value as a number above zero. @throws VibeopsError `usage.value` */
export function positiveNumber(flag: string, value: string): number {
  const number = Number(value);
  if (/^\d{1,9}(?:\.\d{1,6})?$/.test(value) && number > 0) return number;
  throw new VibeopsError({
    code: "usage.value",
    exit: Exit.usage,
    message: `--${flag} is '${value}'`,
    fix: "a number above 0, such as 30 or 1.5",
  });
}
