import * as z from "zod/mini";
import { parseDuration } from "../../text/duration.ts";
import { isProjectPath } from "../runbook-header.ts";

// Parameters are written in YAML and read as text, so numbers and switches are typed from text here.

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** Any text without control characters, as one argument. */
export const argument = z.string().check(
  z.maxLength(4000),
  z.refine((text) => !CONTROL.test(text), { error: "a text without control characters" }),
);

/** `/srv/shop`: absolute, so that it is never taken for an option, and without a way upwards. */
export const absolutePath = z.string().check(
  z.minLength(2),
  z.maxLength(500),
  z.refine((path) => path.startsWith("/"), { error: "an absolute path" }),
  z.refine((path) => !CONTROL.test(path), { error: "a path without control characters" }),
  z.refine((path) => !path.endsWith("/") && path.slice(1).split("/").every(isPlainPart), {
    error: "a path in its shortest spelling: no '..', no '.', no empty part",
  }),
);

function isPlainPart(part: string): boolean {
  return part !== "" && part !== "." && part !== "..";
}

/** The name of a release's folder. */
export const releaseVersion = z
  .string()
  .check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$/, { error: "a version such as 1.2.0" }));

export const projectPath = z.string().check(z.refine(isProjectPath, { error: "a path inside the project" }));

export const flag = z.pipe(
  z
    .enum(["true", "false"], { error: "true or false" })
    .check(z.meta({ type: "boolean", enum: [true, false] })),
  z.transform((text) => text === "true"),
);

export function wholeNumber(least: number, most: number) {
  return z
    .pipe(
      z
        .string()
        .check(
          z.regex(/^\d{1,7}$/, { error: "a whole number" }),
          z.meta({ type: "integer", minimum: least, maximum: most }),
        ),
      z.transform(Number),
    )
    .check(
      z.refine((value) => value >= least && value <= most, { error: `a number from ${least} to ${most}` }),
    );
}

export const duration = z
  .string()
  .check(z.refine((text) => parseDuration(text) !== null, { error: "a length of time such as 30s or 5m" }));

/** http or https, without a name and a password in it. */
export const httpUrl = z.string().check(
  z.maxLength(2000),
  z.refine((text) => !CONTROL.test(text) && !/\s/.test(text), { error: "an address without spaces" }),
  z.refine((text) => /^https?:\/\//.test(text) && URL.canParse(text), { error: "an http or https address" }),
  z.refine((text) => !namesSomebody(text), { error: "an address without a password" }),
);

function namesSomebody(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { username, password } = new URL(address);
  return `${username}${password}` !== "";
}

/** Literal text for a fence's `expect`. */
export const expectText = argument.check(
  z.minLength(1),
  z.refine((text) => !text.includes("`"), { error: "a text without a backtick" }),
);

/** A Compose service, a process: begins with a letter or digit, so it is never an option. */
export const serviceName = z.string().check(
  z.regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/, {
    error: "a name of letters, digits and . _ -",
  }),
);

/** A database, one of its users: never a connection string, an option or a pattern. */
export const databaseName = z.string().check(
  z.regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$/, {
    error: "a name of letters, digits and . _ -",
  }),
);

export const hostName = z
  .string()
  .check(z.regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$/, { error: "a host name" }));

export const environmentName = z
  .string()
  .check(z.regex(/^[A-Z_][A-Z0-9_]{0,63}$/, { error: "a variable name in capitals" }));
