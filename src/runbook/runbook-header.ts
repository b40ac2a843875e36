import { Exit, VibeopsError } from "../errors.ts";
import { isGitFolderName } from "../platform/git-names.ts";
import { ID_PATTERN } from "../platform/ids.ts";
import { NAME_PATTERN, NAME_RULE } from "../project/names.ts";
import { type FrontMatter, parseFrontMatter } from "../text/front-matter.ts";
import { nearest } from "../text/similar.ts";
import type { Runbook } from "./runbook.ts";
import { isVariableName } from "./variable-names.ts";

type Header = Pick<Runbook, "id" | "title" | "memo" | "author" | "hosts" | "variables" | "files">;

const KEYS = ["id", "title", "memo", "author", "hosts", "variables", "files"];

/** Where a key of the front matter stands, for what is found wrong with it later; nothing where it is not there. */
export function headerPlace({ text, file }: Pick<Runbook, "text" | "file">, key: string): { line?: number } {
  const line = parseFrontMatter(text, { file, code: "runbook" }).lineOf(key);
  return line === undefined ? {} : { line };
}

/** Types the front matter of a runbook. @throws VibeopsError `runbook.header` with the line */
export function readHeader(front: FrontMatter, file: string): Header {
  const reader = new HeaderReader(front, file);
  reader.refuseUnknownKeys();
  const memo = reader.optionalText("memo");
  const author = reader.optionalText("author");
  return {
    id: reader.id(),
    title: reader.text("title"),
    ...(memo === undefined ? {} : { memo }),
    ...(author === undefined ? {} : { author }),
    hosts: reader.hosts(),
    variables: reader.variables(),
    files: reader.files(),
  };
}

class HeaderReader {
  readonly #front: FrontMatter;
  readonly #file: string;

  constructor(front: FrontMatter, file: string) {
    this.#front = front;
    this.#file = file;
  }

  refuseUnknownKeys(): void {
    for (const key of Object.keys(this.#front.data)) {
      if (KEYS.includes(key)) continue;
      const near = nearest(key, KEYS);
      throw this.#refuse(
        key,
        `unknown key '${key}' in a runbook's front matter`,
        near === undefined ? `known keys: ${KEYS.join(", ")}` : `did you mean ${near}?`,
      );
    }
  }

  id(): string {
    const id = this.text("id");
    if (ID_PATTERN.test(id)) return id;
    throw this.#refuse(
      "id",
      `'${id}' is no id`,
      "an id is a time and eight characters, as in 20261120T150000Z-m2x9vaq4",
    );
  }

  text(key: string): string {
    const value = this.optionalText(key);
    if (value !== undefined && value.trim() !== "") return value;
    throw this.#refuse(key, `the front matter has no ${key}`, `add a line: ${key}: …`);
  }

  optionalText(key: string): string | undefined {
    const value = this.#front.data[key];
    if (value === undefined || typeof value === "string") return value;
    throw this.#refuse(key, `${key} is one line of text`, `write: ${key}: text`);
  }

  hosts(): string[] {
    const hosts = this.#list("hosts");
    for (const host of hosts) {
      if (!NAME_PATTERN.test(host)) {
        throw this.#refuse(
          "hosts",
          `'${host}' is no host name: ${NAME_RULE}`,
          "write the name from inventory.yaml",
        );
      }
    }
    if (hosts.length > 0) return hosts;
    throw this.#refuse("hosts", "the runbook names no host", "write: hosts: [web1]");
  }

  files(): string[] {
    const files = this.#list("files");
    for (const path of files) {
      if (isProjectPath(path)) continue;
      throw this.#refuse(
        "files",
        `'${path}' is no path inside the project`,
        "write it as in: deploy/shop/compose.yaml",
      );
    }
    return files;
  }

  variables(): Record<string, string> {
    const value = this.#front.data.variables;
    const variables: Record<string, string> = Object.create(null);
    if (value === undefined || value === "") return variables;
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw this.#refuse("variables", "variables is a list of NAME: value", "write: VERSION: 1.2.0");
    }
    for (const [name, text] of Object.entries(value)) {
      this.#checkVariable(name, text);
      variables[name] = text as string;
    }
    return variables;
  }

  #checkVariable(name: string, value: unknown): void {
    if (!isVariableName(name)) {
      throw this.#refuse(
        "variables",
        `'${name}' cannot be a variable here`,
        "use capitals, as in: VERSION: 1.2.0",
      );
    }
    if (typeof value !== "string" || value.includes("\0")) {
      throw this.#refuse("variables", `the value of ${name} is not one text`, `write: ${name}: value`);
    }
  }

  #list(key: string): string[] {
    const value = this.#front.data[key];
    if (value === undefined || value === "") return [];
    if (Array.isArray(value) && value.every((item) => typeof item === "string")) {
      const twice = value.find((item, i) => value.indexOf(item) !== i);
      if (twice === undefined) return value;
      throw this.#refuse(key, `'${twice}' stands twice under ${key}`, "keep one of them");
    }
    throw this.#refuse(key, `${key} is a list of texts`, `write: ${key}: [one, two]`);
  }

  #refuse(key: string, message: string, fix: string): VibeopsError {
    const line = this.#front.lineOf(key) ?? 1;
    return new VibeopsError({
      code: "runbook.header",
      exit: Exit.invalid,
      message,
      file: this.#file,
      line,
      fix,
    });
  }
}

/** A path below the project's root in one spelling: no `.`, `..`, `.git`, empty part, backslash or control character. */
export function isProjectPath(path: string): boolean {
  if (path === "" || path.length > 500 || path.startsWith("/")) return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[\\\u0000-\u001f\u007f]/.test(path)) return false;
  return path.split("/").every((part) => !["", ".", ".."].includes(part) && !isGitFolderName(part));
}
