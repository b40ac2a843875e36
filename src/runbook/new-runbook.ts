import { renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { publishNew, syncDirectory } from "../platform/files.ts";
import { ensureDirectory } from "../platform/folders.ts";
import { requireGit } from "../platform/git.ts";
import { commitChanges, put, requireIdentity } from "../platform/git-commit.ts";
import { newId } from "../platform/ids.ts";
import { allOrNothing } from "../platform/undo.ts";
import { type Inventory, loadInventory } from "../project/inventory.ts";
import { firstRole, type Project } from "../project/project.ts";
import { hasTemplate, listTemplates, templateText } from "../project/templates.ts";
import { findSecrets } from "../text/secrets.ts";
import { nearest } from "../text/similar.ts";
import { renderTemplate } from "../text/template.ts";
import { makeVisible } from "../text/visible.ts";
import { compileRunbook } from "./compile-runbook.ts";
import { type FilledTemplate, filesFolder, fillTemplate } from "./fill-template.ts";
import { projectSource } from "./project-files.ts";
import { RUNBOOKS_FOLDER, runbookPath } from "./runbook-paths.ts";
import { parseRunbookTemplate, type RunbookTemplate } from "./runbook-template.ts";

const FOLDER = "runbooks";

export interface NewRunbookOptions {
  /** The template's name in words and its hosts, unless told: `Harden server: web1`. */
  readonly title?: string | undefined;
  /** The template's name: `empty`. */
  readonly from: string;
  /** Names from the inventory, in the order of the template's hosts; its only host unless told. */
  readonly hosts: readonly string[];
  readonly set: Readonly<Record<string, string>>;
  /** `role@project`; the project's first role unless told. */
  readonly author?: string;
}

export interface PlannedRunbook {
  readonly id: string;
  readonly title: string;
  readonly template: string;
  readonly hosts: readonly string[];
  /** Paths below the project's root: what it installs, and last runbook.md. */
  readonly files: readonly { readonly path: string; readonly content: string }[];
}

/** Every template of a runbook that this project finds: its own, the person's, the package's. */
export function listRunbookTemplates(context: Pick<Context, "env">, project: Project): RunbookTemplate[] {
  return listTemplates(context, project, FOLDER, ".md").map((path) =>
    readTemplate(context, project, basename(path, ".md")),
  );
}

/**
 * A runbook from a template, compiled. Writes nothing.
 *
 * @throws VibeopsError `template.…`, `host.missing`, `host.unnamed`, `usage.…`, `runbook.secret`, and as compileRunbook
 */
export function planRunbook(
  context: Context,
  project: Project,
  {
    title: given,
    from,
    hosts: named,
    set,
    author = `${firstRole(project)}@${project.name}`,
  }: NewRunbookOptions,
): PlannedRunbook {
  if (given !== undefined) requireTitleText(given);
  const template = findTemplate(context, project, from);
  const hosts = chooseHosts(template, loadInventory(project).inventory, named);
  const title = given?.trim() ?? titleOf(template.name, hosts);
  const id = newId(context);
  const filled = fillTemplate(template, { id, title, author, hosts, set });
  const installed = template.files.map((name) => {
    const { text, file } = templateText(context, project, `${FOLDER}/${template.name}/${name}`);
    return { path: `${filesFolder(id)}/${name}`, content: renderTemplate(text, filled.values, file) };
  });
  const text = compileFilled(project, template, id, filled, installed);
  const files = [...installed, { path: runbookPath(id), content: text }];
  for (const { content } of files) refuseSecrets(content);
  return { id, title, template: template.name, hosts, files };
}

function requireTitleText(title: string): void {
  if (title.trim() !== "" && title === makeVisible(title, { newlines: false })) return;
  throw new VibeopsError({
    code: "usage.title",
    exit: Exit.usage,
    message: "a runbook's title is one line of visible text",
    fix: 'vibeops runbook new "Harden web1" --from harden-server',
  });
}

function titleOf(template: string, hosts: readonly string[]): string {
  const words = template.replaceAll("-", " ");
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}: ${hosts.join(" to ")}`;
}

/**
 * Writes a planned runbook, its folder whole or not at all, and commits it.
 *
 * @returns the commit
 * @throws VibeopsError of git, and nothing has changed then
 */
export async function writeRunbook(
  context: Context,
  project: Project,
  { id, title, files }: PlannedRunbook,
): Promise<string> {
  const git = requireGit(project.root, context.env);
  await requireIdentity(git, context);
  return await allOrNothing(async (undo) => {
    // A folder in runbooks/ is a runbook: it appears there when all of it is on disk.
    const draft = ensureDirectory(project.root, `.vibeops/new-${id}`);
    undo(() => rmSync(draft, { recursive: true, force: true }));
    const folder = join(ensureDirectory(project.root, RUNBOOKS_FOLDER), id);
    for (const { path, content } of files) {
      const inside = path.slice(`${RUNBOOKS_FOLDER}/${id}/`.length);
      publishNew(join(ensureDirectory(draft, dirname(inside)), basename(inside)), Buffer.from(content));
    }
    undo(() => rmSync(folder, { recursive: true, force: true }));
    renameSync(draft, folder);
    syncDirectory(dirname(folder));
    const changes = files.map(({ path, content }) => put(join(project.root, path), Buffer.from(content)));
    return await commitChanges(git, changes, `New runbook ${id}: ${title}`, context);
  });
}

function findTemplate(context: Context, project: Project, name: string): RunbookTemplate {
  const names = listTemplates(context, project, FOLDER, ".md").map((path) => basename(path, ".md"));
  if (names.includes(name) && hasTemplate(context, project, `${FOLDER}/${name}.md`))
    return readTemplate(context, project, name);
  const near = nearest(name, names);
  throw new VibeopsError({
    code: "template.missing",
    exit: Exit.notFound,
    message: `there is no runbook template '${makeVisible(name, { newlines: false })}'${near === undefined ? "" : `; did you mean ${near}?`}`,
    fix: `one of: ${names.join(", ")} (vibeops runbook new --list says what each is for)`,
    facts: { templates: names },
  });
}

function readTemplate(context: Pick<Context, "env">, project: Project, name: string): RunbookTemplate {
  return parseRunbookTemplate(name, templateText(context, project, `${FOLDER}/${name}.md`));
}

/** As many as the template wants, each from the inventory; between several nobody chooses for the person. */
function chooseHosts(
  template: RunbookTemplate,
  inventory: Inventory,
  named: readonly string[],
): readonly string[] {
  const known = Object.keys(inventory.hosts);
  const wanted = template.hosts.length;
  const hosts = named.length === 0 && wanted === 1 && known.length === 1 ? known : named;
  const unknown = hosts.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const near = nearest(unknown, known);
    throw new VibeopsError({
      code: "host.missing",
      exit: Exit.notFound,
      message: `the inventory has no host '${makeVisible(unknown, { newlines: false })}'${near === undefined ? "" : `; did you mean ${near}?`}`,
      file: "inventory.yaml",
      fix: `its hosts are: ${known.join(", ") || "none"}; or add it there under hosts`,
    });
  }
  if (hosts.length === wanted && new Set(hosts).size === wanted) return hosts;
  const flags = template.hosts.map((role) => `--host ${role.toUpperCase()}`).join(" ");
  throw new VibeopsError({
    code: "host.unnamed",
    exit: hosts.length === 0 ? Exit.humanNeeded : Exit.usage,
    message: `the template ${template.name} is for ${wanted === 1 ? "one host" : `${wanted} different hosts, ${template.hosts.join(" and ")}`}`,
    fix: `name ${wanted === 1 ? "it" : "them"} in this order: ${flags}; the inventory has: ${known.join(", ") || "none"}`,
    facts: { hosts: known },
  });
}

/** An error in a filled-in template is an error in the template: that is the file that a person can mend. */
function compileFilled(
  project: Project,
  template: RunbookTemplate,
  id: string,
  filled: FilledTemplate,
  installed: PlannedRunbook["files"],
): string {
  const source = projectSource(project);
  const readFile = (path: string): Uint8Array => {
    const ours = installed.find((file) => file.path === path);
    return ours === undefined ? source.readFile(path) : Buffer.from(ours.content);
  };
  try {
    return compileRunbook(filled.text, runbookPath(id), { ...source, readFile });
  } catch (error) {
    if (!(error instanceof VibeopsError) || error.file !== runbookPath(id)) throw error;
    const { code, exit, message, fix, line = 1 } = error;
    const place = { file: template.file, line: Math.max(1, line - filled.headLines + template.bodyLine - 1) };
    throw new VibeopsError({
      code,
      exit,
      message,
      ...(fix === undefined ? {} : { fix }),
      ...place,
      cause: error,
    });
  }
}

/** What is written here is committed, for ever. */
function refuseSecrets(text: string): void {
  const [secret] = findSecrets(text);
  if (secret === undefined) return;
  throw new VibeopsError({
    code: "runbook.secret",
    exit: Exit.refused,
    message: `line ${secret.line} would look like a secret (${secret.kind}): ${secret.excerpt}; nothing was written`,
    fix: "say where it is kept instead of what it is, and consider it known to others: rotate it",
  });
}
