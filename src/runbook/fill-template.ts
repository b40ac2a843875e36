import { Exit, VibeopsError } from "../errors.ts";
import { nearest } from "../text/similar.ts";
import { renderTemplate } from "../text/template.ts";
import { makeVisible } from "../text/visible.ts";
import { renderFlow } from "../text/yaml-splice.ts";
import { runbookPath } from "./runbook-paths.ts";
import type { RunbookTemplate } from "./runbook-template.ts";

/** What a new runbook says that its template does not. */
export interface RunbookWish {
  readonly id: string;
  readonly title: string;
  readonly author: string;
  /** Names from the inventory, in the order of the template's hosts. */
  readonly hosts: readonly string[];
  /** Values in place of the template's, by name. */
  readonly set: Readonly<Record<string, string>>;
}

export interface FilledTemplate {
  /** runbook.md, without the commands of its actions. */
  readonly text: string;
  /** How many lines of it the front matter takes. */
  readonly headLines: number;
  /** What stands for each name in the body, and in the files that it installs. */
  readonly values: Readonly<Record<string, string>>;
}

/** Characters that would end a quoted text or a code span around the value. */
const ENDS_A_QUOTE = /["'\\`]/;

/**
 * Fills a template in. Values go into the front matter, where commands find them as shell variables, and into the
 * body where it says `{{NAME}}`: parameters of actions and prose.
 *
 * @throws VibeopsError `usage.set`, and as renderTemplate does
 */
export function fillTemplate(template: RunbookTemplate, wish: RunbookWish): FilledTemplate {
  for (const [name, value] of Object.entries(wish.set)) checkSetting(template, name, value);
  const variables = template.variables.map(({ name, value, what }) => ({
    name,
    value: wish.set[name] ?? value,
    what,
  }));
  const files = filesFolder(wish.id);
  const values = {
    ...Object.fromEntries(template.hosts.map((role, i) => [role, wish.hosts[i] ?? ""])),
    ...Object.fromEntries(variables.map(({ name, value }) => [name, value])),
    id: wish.id,
    title: wish.title,
    files,
  };
  const head = [
    "---",
    `id: ${wish.id}`,
    `title: ${renderFlow(wish.title)}`,
    `author: ${wish.author}`,
    `hosts: ${renderFlow(wish.hosts)}`,
    ...(variables.length === 0
      ? []
      : [
          "# Shell variables of the commands. Actions hold the same values as text: change both.",
          "variables:",
        ]),
    ...variables.map(
      ({ name, value, what }) => `  ${name}: ${renderFlow(value)}${what === "" ? "" : ` # ${what}`}`,
    ),
    ...(template.files.length === 0 ? [] : ["files:"]),
    ...template.files.map((name) => `  - ${files}/${name}`),
    "---",
    "",
  ];
  // Empty lines in front, so that an error names the template's own line.
  const padding = "\n".repeat(template.bodyLine - 1);
  const body = renderTemplate(`${padding}${template.body}`, values, template.file).slice(padding.length);
  return { text: head.join("\n") + body, headLines: head.length - 1, values };
}

/** Where a runbook keeps what it installs, below the project's root. */
export function filesFolder(id: string): string {
  return runbookPath(id).replace(/runbook\.md$/, "files");
}

function checkSetting(template: RunbookTemplate, name: string, value: string): void {
  const known = template.variables.map((variable) => variable.name);
  if (!known.includes(name)) {
    const near = nearest(name.toUpperCase(), known);
    throw new VibeopsError({
      code: "usage.set",
      exit: Exit.usage,
      message: `the template ${template.name} has no variable '${makeVisible(name, { newlines: false })}'`,
      fix: near === undefined ? `it has: ${known.join(", ") || "none"}` : `did you mean ${near}?`,
    });
  }
  if (value !== "" && value === makeVisible(value, { newlines: false }) && !ENDS_A_QUOTE.test(value)) return;
  throw new VibeopsError({
    code: "usage.set",
    exit: Exit.usage,
    message: `the value of ${name} is empty, is not one line of visible text, or holds a quotation mark, a backtick or a backslash`,
    fix: `give another value, or make the runbook without it and change ${name} there by hand`,
  });
}
