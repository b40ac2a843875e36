import { Exit, VibeopsError } from "../errors.ts";
import { NAME_PATTERN } from "../project/names.ts";
import type { Template } from "../project/templates.ts";
import { parseFrontMatter } from "../text/front-matter.ts";
import { nearest } from "../text/similar.ts";
import { isVariableName } from "./variable-names.ts";

/** What a runbook is made from: a body, and what has to be said to fill it. */
export interface RunbookTemplate {
  /** `empty`, as `--from` takes it. */
  readonly name: string;
  /** One line: what the runbook is for. */
  readonly about: string;
  /** What each of its hosts is called in the body: `{{host}}`, or `{{from}}` and `{{to}}`. */
  readonly hosts: readonly string[];
  readonly variables: readonly TemplateVariable[];
  /** Names of what it installs, beside it in a folder of its name; `{{files}}` is where they go. */
  readonly files: readonly string[];
  readonly body: string;
  /** Line of the body's first line in the template. */
  readonly bodyLine: number;
  readonly file: string;
}

interface TemplateVariable {
  readonly name: string;
  /** Its value unless told. */
  readonly value: string;
  /** The comment behind it; empty where there is none. */
  readonly what: string;
}

/** One variable in a line, as a list of templates shows it. */
export function describeVariable({ name, value, what }: TemplateVariable): string {
  return `${name}=${value}${what === "" ? "" : `  ${what}`}`;
}

const KEYS = ["about", "hosts", "variables", "files"];

/** Values that the command gives; a host or a variable of that name would stand in their way. */
const GIVEN_NAMES = ["title", "files", "id"];

/**
 * Reads a template of a runbook. Its front matter has `about`, `hosts` (what the body calls them), `variables`
 * (`NAME: value # what it is`, a line each) and `files`.
 *
 * @throws VibeopsError `template.header`, `template.fm-…`, `template.yaml-…` with the line
 */
export function parseRunbookTemplate(name: string, { text, file }: Template): RunbookTemplate {
  const front = parseFrontMatter(text, { file, code: "template" });
  const refuse = (key: string, message: string, fix: string) =>
    new VibeopsError({
      code: "template.header",
      exit: Exit.invalid,
      message,
      file,
      line: front.lineOf(key) ?? 1,
      fix,
    });
  for (const key of Object.keys(front.data)) {
    if (KEYS.includes(key)) continue;
    const near = nearest(key, KEYS);
    throw refuse(
      key,
      `unknown key '${key}' in the front matter of a runbook's template`,
      near === undefined ? `known keys: ${KEYS.join(", ")}` : `did you mean ${near}?`,
    );
  }
  const { about, hosts, variables = {}, files = [] } = front.data;
  if (typeof about !== "string" || about === "") {
    throw refuse("about", "the template does not say what it is for", "add a line: about: what it is for");
  }
  if (
    !isListOf(hosts, (host) => NAME_PATTERN.test(host) && !GIVEN_NAMES.includes(host)) ||
    hosts.length === 0
  )
    throw refuse("hosts", "hosts is a list of what the body calls its hosts", "write: hosts: [host]");
  if (!isListOf(files, (path) => /^[a-zA-Z0-9][\w.-]*$/.test(path)))
    throw refuse("files", "files is a list of file names", "write: files: [sshd.conf]");
  if (!isMapOfTexts(variables) || !Object.keys(variables).every(isVariableName))
    throw refuse("variables", "variables is a list of NAME: value in capitals", "write: VERSION: 1.2.0");
  const head = text.slice(0, front.bodyStart);
  return {
    name,
    about,
    hosts,
    variables: Object.entries(variables).map(([key, value]) => ({
      name: key,
      value,
      what: commentBehind(head, key),
    })),
    files,
    body: text.slice(front.bodyStart),
    bodyLine: front.bodyLine,
    file,
  };
}

function isListOf(value: unknown, isItem: (item: string) => boolean): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string" && isItem(item));
}

function isMapOfTexts(value: unknown): value is Record<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((text) => typeof text === "string");
}

function commentBehind(head: string, name: string): string {
  const line = head.split("\n").find((candidate) => candidate.trimStart().startsWith(`${name}:`));
  const at = line?.lastIndexOf(" # ") ?? -1;
  return line === undefined || at === -1 ? "" : line.slice(at + 3).trim();
}
