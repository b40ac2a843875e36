import { Exit, VibeopsError } from "../errors.ts";
import { lineAt } from "./lines.ts";
import { nearest } from "./similar.ts";

/** Text for `{{name}}`; a list, a map or a truth value for `{{#name}}…{{/name}}`. */
type TemplateValue = string | boolean | TemplateValues | readonly (TemplateValues | string)[];
export interface TemplateValues {
  readonly [name: string]: TemplateValue | undefined;
}

interface Section {
  name: string;
  inverted: boolean;
  line: number;
  parts: Part[];
}
type Part = string | { name: string; line: number } | Section;

/**
 * Fills a template, a subset of Mustache: `{{name}}` is replaced by the text as it is, nothing is escaped.
 * `{{#list}}…{{/list}}` is repeated for each item, whose own names come first (`{{.}}` for items that are text), or
 * shown once for true, for a map and for text that is not empty; `{{^list}}…{{/list}}` is shown when there is none.
 * A line with just a section mark leaves no line behind. A name that is not among the values is an error, never a gap.
 *
 * @throws VibeopsError `template.unknown-name`, `template.unclosed`, `template.kind`, with the line
 */
export function renderTemplate(template: string, values: TemplateValues, file: string): string {
  return renderParts(parse(template, file), [values], file);
}

/** A mark, or a section mark with the line that it has to itself. */
const marks =
  /^[ \t]*\{\{([#^/])[ \t]*([\w.-]+)[ \t]*\}\}[ \t]*(?:\r?\n|$)|\{\{([#^/]?)[ \t]*([\w.-]+)[ \t]*\}\}/gm;

function parse(template: string, file: string): Part[] {
  const root: Part[] = [];
  const open: Section[] = [];
  let position = 0;
  for (const match of template.matchAll(marks)) {
    const parts = open.at(-1)?.parts ?? root;
    const sign = match[1] ?? match[3] ?? "";
    const name = match[2] ?? match[4] ?? "";
    const line = lineAt(template, match.index);
    parts.push(template.slice(position, match.index));
    position = match.index + match[0].length;
    if (sign === "") parts.push({ name, line });
    else if (sign === "/") close(open, name, line, file);
    else {
      const section = { name, inverted: sign === "^", line, parts: [] };
      parts.push(section);
      open.push(section);
    }
  }
  root.push(template.slice(position));
  const unclosed = open.at(-1);
  if (unclosed !== undefined) {
    throw broken(
      "unclosed",
      `{{#${unclosed.name}}} is never closed`,
      `add {{/${unclosed.name}}}`,
      unclosed.line,
      file,
    );
  }
  return root;
}

function close(open: Section[], name: string, line: number, file: string): void {
  const section = open.pop();
  if (section?.name === name) return;
  const expected = section === undefined ? "nothing is open here" : `{{/${section.name}}} comes first`;
  throw broken("unclosed", `{{/${name}}} closes nothing: ${expected}`, "nest the sections", line, file);
}

function renderParts(parts: readonly Part[], scopes: readonly TemplateValues[], file: string): string {
  return parts
    .map((part) => {
      if (typeof part === "string") return part;
      return "parts" in part ? renderSection(part, scopes, file) : renderName(part, scopes, file);
    })
    .join("");
}

function renderName(
  part: { name: string; line: number },
  scopes: readonly TemplateValues[],
  file: string,
): string {
  const value = lookUp(part, scopes, file);
  if (typeof value === "string") return value;
  throw broken(
    "kind",
    `${part.name} is not text`,
    `use {{#${part.name}}}…{{/${part.name}}}`,
    part.line,
    file,
  );
}

function renderSection(section: Section, scopes: readonly TemplateValues[], file: string): string {
  const value = lookUp(section, scopes, file);
  const items = itemsOf(value);
  if (section.inverted) return items.length === 0 ? renderParts(section.parts, scopes, file) : "";
  return items.map((item) => renderParts(section.parts, [item, ...scopes], file)).join("");
}

function itemsOf(value: TemplateValue): TemplateValues[] {
  if (typeof value === "string") return value === "" ? [] : [{ ".": value }];
  if (typeof value === "boolean") return value ? [{}] : [];
  if (isList(value)) return value.map((item) => (typeof item === "string" ? { ".": item } : item));
  return [value];
}

function isList(value: TemplateValue): value is readonly (TemplateValues | string)[] {
  return Array.isArray(value);
}

function lookUp(
  part: { name: string; line: number },
  scopes: readonly TemplateValues[],
  file: string,
): TemplateValue {
  for (const scope of scopes) {
    const value = Object.hasOwn(scope, part.name) ? scope[part.name] : undefined;
    if (value !== undefined) return value;
  }
  const names = [...new Set(scopes.flatMap((scope) => Object.keys(scope)))].filter((name) => name !== ".");
  const meant = nearest(part.name, names);
  throw broken(
    "unknown-name",
    `the template names ${part.name}, which has no value`,
    meant === undefined ? `use one of ${names.join(", ")}` : `write ${meant}`,
    part.line,
    file,
  );
}

function broken(problem: string, message: string, fix: string, line: number, file: string): VibeopsError {
  return new VibeopsError({ code: `template.${problem}`, exit: Exit.invalid, message, fix, file, line });
}
