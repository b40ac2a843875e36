import { readdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { Exit, isSystemError, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { readIfExists } from "../platform/files.ts";
import { configDirectory } from "../platform/person.ts";
import { decodeText } from "../text/decode.ts";

const MAX_TEMPLATE_BYTES = 256 * 1024;

/** Folders below templates/, joined by `/`; each part begins with a letter or digit, so `..` and `.git` are none. */
const TEMPLATE_NAME = /^[a-zA-Z0-9][\w.-]*(?:\/[a-zA-Z0-9][\w.-]*)*$/;

export interface Template {
  text: string;
  /** Where it was found, for errors and for the person who wants to change it. */
  file: string;
}

/**
 * A template by its name below templates/ (`project/AGENTS.md`): the project's own, else the person's own
 * ($XDG_CONFIG_HOME/vibeops/templates), else the one that came with the package.
 *
 * @throws VibeopsError `template.name`, `template.missing`, `template.escape`, and what reading a file throws
 */
export function templateText(
  context: Pick<Context, "env">,
  project: { readonly root: string } | null,
  name: string,
): Template {
  if (!TEMPLATE_NAME.test(name)) throw badName(name);
  const folders = templateFolders(context, project);
  for (const folder of folders) {
    const template = readTemplate(folder, name);
    if (template !== null) return template;
  }
  throw new VibeopsError({
    code: "template.missing",
    exit: Exit.notFound,
    message: `there is no template '${name}'`,
    fix: `write it: ${join(folders[0] ?? "templates", name)}`,
  });
}

/** Whether a template of that name exists anywhere; a role of one's own may have none. */
export function hasTemplate(
  context: Pick<Context, "env">,
  project: { readonly root: string } | null,
  name: string,
): boolean {
  if (!TEMPLATE_NAME.test(name)) return false;
  return templateFolders(context, project).some((folder) => readTemplate(folder, name) !== null);
}

/**
 * Names of the templates that lie directly in a folder below templates/ and end so: `runbooks/empty.md`. The
 * project's, the person's and the package's together, each name once, sorted.
 */
export function listTemplates(
  context: Pick<Context, "env">,
  project: { readonly root: string } | null,
  folder: string,
  ending: string,
): string[] {
  const names = templateFolders(context, project)
    .flatMap((templates) => entriesOf(join(templates, folder)))
    .filter((entry) => entry.endsWith(ending) && TEMPLATE_NAME.test(entry))
    .map((entry) => `${folder}/${entry}`);
  return [...new Set(names)].sort();
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR")) return [];
    throw error;
  }
}

function templateFolders(context: Pick<Context, "env">, project: { readonly root: string } | null): string[] {
  const own = [join(configDirectory(context.env), "templates"), packagedTemplates()];
  return project === null ? own : [join(project.root, "templates"), ...own];
}

function readTemplate(folder: string, name: string): Template | null {
  const file = join(folder, name);
  if (!staysInside(folder, dirname(file))) return null;
  const bytes = readIfExists(file, { maxBytes: MAX_TEMPLATE_BYTES });
  return bytes === null ? null : { text: decodeText(bytes, file), file };
}

/** False where the folder is not there; throws where a link leads out of it. */
function staysInside(folder: string, directory: string): boolean {
  try {
    const outer = realpathSync(folder);
    const inner = realpathSync(directory);
    if (inner === outer || inner.startsWith(outer + sep)) return true;
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR")) return false;
    throw error;
  }
  throw new VibeopsError({
    code: "template.escape",
    exit: Exit.invalid,
    message: "a link leads out of the templates folder",
    file: directory,
    fix: "put the files there themselves",
  });
}

/**
 * The templates that came with this package. The source lies in src/project/, the bundle in dist/ or dist/parts/:
 * the nearest package.json named vibeops is above each of them.
 */
export function packagedTemplates(from: string = import.meta.url): string {
  let directory = dirname(fileURLToPath(from));
  while (!isOurPackage(directory)) {
    const parent = dirname(directory);
    if (parent === directory) throw new Error("vibeops is not inside its package: package.json is missing");
    directory = parent;
  }
  return join(directory, "templates");
}

function isOurPackage(directory: string): boolean {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
    return (
      typeof manifest === "object" && manifest !== null && "name" in manifest && manifest.name === "vibeops"
    );
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR")) return false;
    throw error;
  }
}

function badName(name: string): VibeopsError {
  return new VibeopsError({
    code: "template.name",
    exit: Exit.usage,
    message: `'${name}' cannot be the name of a template`,
    fix: "letters, digits, '-', '_' and '.', folders with '/': roles/developer.md",
  });
}
