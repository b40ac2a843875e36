import * as z from "zod/mini";
import { scanHidden } from "../text/characters.ts";

const maxItems = 200;

/** One line that a person can see in full. */
export const line = z.string().check(
  z.minLength(1, "must not be empty"),
  z.maxLength(1_000, "must not be longer than 1,000 characters"),
  z.refine(
    (text) => !/[\r\n\t]/.test(text) && scanHidden(text).next().done === true,
    "must be one line of visible text",
  ),
);

export function matching(pattern: RegExp, rule: string) {
  return line.check(z.refine((text) => pattern.test(text), rule));
}

export const name = matching(
  /^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$/,
  "must be lower-case letters, digits, dashes and underscores",
);
export const version = matching(
  /^[A-Za-z0-9][A-Za-z0-9._+-]{0,127}$/,
  "must be a version like 1.2.0, without spaces",
);
export const image = matching(
  /^[a-z0-9][\w./:@-]{0,254}$/i,
  "must be an image reference like ghcr.io/acme/shop:1.2.0",
);
export const domain = matching(
  /^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
  "must be a host name in lower case, without scheme, port or path",
);
export const absolutePath = matching(/^\/[^\s:]*$/, "must be an absolute path without spaces");
export const urlPath = matching(/^\/\S*$/, "must be a path that begins with /");
export const url = matching(/^https?:\/\/\S+$/, "must be a URL that begins with http:// or https://");

function numeric(pattern: RegExp, rule: string, low: number, high: number) {
  return z
    .pipe(
      z.union([z.string(), z.number()]).check(z.refine((value) => pattern.test(String(value)), rule)),
      z.transform(Number),
    )
    .check(z.refine((value) => value >= low && value <= high, `must lie between ${low} and ${high}`));
}

export const portNumber = numeric(/^\d{1,5}$/, "must be a port number", 1, 65_535);
export const cpus = numeric(
  /^\d{1,4}(?:\.\d{1,3})?$/,
  "must be a number of processors like 0.5",
  0.01,
  1_024,
);
export const percent = numeric(
  /^\d{1,3}(?:\.\d{1,3})?$/,
  "must be a percentage like 82.5, without a sign",
  0,
  100,
);

export const truth = z.pipe(
  z
    .union([z.string(), z.boolean()])
    .check(z.refine((value) => ["true", "false"].includes(String(value)), "must be true or false")),
  z.transform((value) => String(value) === "true"),
);

const UNITS: Readonly<Record<string, number>> = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };
/** An engine starts nothing with less, and takes none at all for no limit. */
const LEAST_MEMORY = 6 * 1024 ** 2;

/** `512Mi`, `1 GB` and `256m` as Compose writes them. */
export const memory = z.pipe(
  matching(/^\d{1,6}(?:\.\d{1,3})? ?(?:[kmgKMG](?:i?[bB]?)?|[bB])$/, "must be an amount like 256m or 1g"),
  z
    .transform((text: string) =>
      text
        .toLowerCase()
        .replace(/ /, "")
        .replace(/(?<=[kmg])i?b?$/, ""),
    )
    .check(
      z.refine(
        (text) => Number.parseFloat(text) * (UNITS[text.slice(-1)] ?? 1) >= LEAST_MEMORY,
        "must be at least 6m",
      ),
    ),
);

export function listOf<T extends z.ZodMiniType>(item: T) {
  return z.array(item).check(z.maxLength(maxItems, `must not have more than ${maxItems} items`));
}

/** Arguments as a list, or one string for what needs no shell: it is split at spaces. */
export const command = z.union([
  listOf(line).check(z.minLength(1, "must not be empty")),
  z.pipe(
    matching(/^[^"'`$\\|&;<>()*?]+$/, "must be a list of arguments, since it holds a character for a shell"),
    z.transform((text) => text.split(/ +/).filter((word) => word !== "")),
  ),
]);
