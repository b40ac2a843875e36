import * as z from "zod/mini";
import { nearest } from "./similar.ts";
import { makeVisible } from "./visible.ts";

// What a schema has no words of its own for is said in English: zod/mini brings no language along. And nothing is
// compiled for a schema: a command looks at a few documents once, and ends before that would be worth it.
z.config({ ...z.locales.en(), jitless: true });

export interface SchemaIssue {
  /** From the root of the value; for an unknown key, the key itself is the last step. */
  path: (string | number)[];
  /** `unknown key services.web.hots; did you mean host?` */
  message: string;
  fix: string;
}

/**
 * A schema's complaints in words for the person who wrote the file, one per wrong place.
 * With the schema at hand, an unknown key names the nearest right one, and a key that is missing because it was
 * misspelt is not reported as missing too.
 */
export function describeIssues(error: z.core.$ZodError, schema?: z.ZodMiniType): SchemaIssue[] {
  const issues = flatten(error.issues, []).flatMap((found) => describe(found, schema));
  const misspelt = new Set(issues.flatMap(({ meant }) => (meant === undefined ? [] : [show(meant)])));
  return issues
    .filter(({ isMissing, path }) => !isMissing || !misspelt.has(show(path)))
    .map(({ path, message, fix }) => ({ path, message, fix }));
}

type Issue = z.core.$ZodIssue;
type Path = (string | number)[];
interface Found {
  issue: Issue;
  path: Path;
}
interface Described extends SchemaIssue {
  isMissing?: boolean;
  /** Path of the key that an unknown one probably stands for. */
  meant?: Path;
}

/** A union reports every branch; the one of the right kind with the fewest complaints is what the writer meant. */
function flatten(issues: readonly Issue[], base: Path): Found[] {
  return issues.flatMap((issue) => {
    const path = [...base, ...issue.path.map((step) => (typeof step === "symbol" ? String(step) : step))];
    if (issue.code !== "invalid_union" || issue.errors.length === 0) return [{ issue, path }];
    const branches = issue.errors.map((errors) => flatten(errors, path));
    const fitting = branches.filter((branch) => !branch.some((found) => isWrongKind(found, path)));
    return fitting.toSorted((a, b) => a.length - b.length)[0] ?? [{ issue, path }];
  });
}

function isWrongKind({ issue, path }: Found, base: Path): boolean {
  return (issue.code === "invalid_type" || issue.code === "invalid_union") && path.length === base.length;
}

function describe({ issue, path }: Found, schema: z.ZodMiniType | undefined): Described[] {
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => describeUnknown(key, path, schema));
  const name = show(path);
  if (isMissing(issue)) {
    return [{ path, message: `${name} is missing`, fix: `add ${name}`, isMissing: true }];
  }
  return [{ path, message: `${name || "the document"}${sayRule(issue)}`, fix: `correct ${name || "it"}` }];
}

/** The issues carry no input, so the message must say it. */
function isMissing(issue: Issue): boolean {
  if (issue.code === "invalid_union") return issue.errors.length > 0 && issue.errors.flat().every(isMissing);
  return issue.code === "invalid_type" && /received undefined/.test(issue.message);
}

function describeUnknown(key: string, path: Path, schema: z.ZodMiniType | undefined): Described {
  const known = schema === undefined ? [] : keysAt(schema, path);
  const name = show([...path, key]);
  const meant = nearest(key, known);
  if (meant !== undefined) {
    const message = `unknown key ${name}; did you mean ${meant}?`;
    return { path: [...path, key], message, fix: `write ${meant}`, meant: [...path, meant] };
  }
  const list = known.length > 0 ? `; known: ${known.join(", ")}` : "";
  return { path: [...path, key], message: `unknown key ${name}${list}`, fix: "delete it" };
}

const kinds: Readonly<Record<string, string>> = {
  object: "`key: value` lines",
  record: "`key: value` lines",
  array: "a list",
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
};

/** What follows the name: a predicate, or behind a colon the words of whoever made the rule. */
function sayRule(issue: Issue): string {
  if (issue.code === "invalid_type") return ` must be ${kinds[issue.expected] ?? issue.expected}`;
  if (issue.code === "invalid_value")
    return ` must be ${issue.values.length > 1 ? "one of " : ""}${issue.values.join(", ")}`;
  if (issue.code === "invalid_key") return ownWords(issue.issues[0]?.message ?? issue.message);
  if (issue.code === "invalid_union") {
    const options = "options" in issue && Array.isArray(issue.options) ? issue.options : [];
    return options.length > 0
      ? ` must be one of ${options.join(", ")}`
      : " is in none of the forms that are known";
  }
  return ownWords(issue.message);
}

function ownWords(message: string): string {
  const words = lowerFirst(message);
  return words.startsWith("must ") ? ` ${words}` : `: ${words}`;
}

/** `a.b[2].c` with nothing in it that a terminal would obey. */
function show(path: readonly (string | number)[]): string {
  const text = path.reduce<string>(
    (shown, step) =>
      typeof step === "number" ? `${shown}[${step}]` : shown === "" ? step : `${shown}.${step}`,
    "",
  );
  return makeVisible(text.slice(0, 200), { newlines: false });
}

function lowerFirst(message: string): string {
  return message.slice(0, 1).toLowerCase() + message.slice(1);
}

/** The keys that an object schema knows at a place in the value; empty where there is no object schema. */
function keysAt(schema: z.ZodMiniType, path: readonly (string | number)[]): string[] {
  let here: z.core.$ZodType[] = [schema];
  for (const step of path) here = here.flatMap(options).flatMap((part) => child(part, step));
  return [
    ...new Set(
      here.flatMap(options).flatMap((p) => (p instanceof z.ZodMiniObject ? Object.keys(p.shape) : [])),
    ),
  ];
}

/** A schema without what wraps it: optional, default, lazy, pipe, transform; a union is all of its branches. */
function options(schema: z.core.$ZodType): z.core.$ZodType[] {
  if (schema instanceof z.ZodMiniUnion) return schema.def.options.flatMap(options);
  if (schema instanceof z.ZodMiniPipe) return [schema.def.in, schema.def.out].flatMap(options);
  if (schema instanceof z.ZodMiniLazy) return options(schema.def.getter());
  if (
    schema instanceof z.ZodMiniOptional ||
    schema instanceof z.ZodMiniExactOptional ||
    schema instanceof z.ZodMiniNullable ||
    schema instanceof z.ZodMiniDefault ||
    schema instanceof z.ZodMiniPrefault ||
    schema instanceof z.ZodMiniReadonly
  ) {
    return options(schema.def.innerType);
  }
  return [schema];
}

function child(schema: z.core.$ZodType, step: string | number): z.core.$ZodType[] {
  if (schema instanceof z.ZodMiniObject) {
    const shape: Readonly<Record<string, z.core.$ZodType>> = schema.shape;
    const part = Object.hasOwn(shape, step) ? shape[step] : undefined;
    return part === undefined ? [] : [part];
  }
  if (schema instanceof z.ZodMiniRecord) return [schema.def.valueType];
  if (schema instanceof z.ZodMiniArray) return [schema.def.element];
  return [];
}
