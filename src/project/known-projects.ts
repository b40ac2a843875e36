import { mkdirSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { lstatOrNull, readIfExists, writeFileDurably } from "../platform/files.ts";
import { configDirectory } from "../platform/person.ts";
import { decodeText } from "../text/decode.ts";
import { newlineOf } from "../text/splice.ts";
import { quoteUntrusted } from "../text/visible.ts";
import { PROJECT_FILE } from "./discovery.ts";

/** The person's own list: a path on each line, empty lines and `#` lines are theirs. */
export function knownProjectsFile(env: Context["env"]): string {
  return join(configDirectory(env), "projects");
}

/** The person's list as far as it can be read. */
export interface KnownProjects {
  /** Folders, sorted, each once. Whether something is still there is for whoever reads them to say. */
  readonly roots: readonly string[];
  /** `projects.path`: lines that name no folder, each with its place. They hide none of the others. */
  readonly wrong: readonly VibeopsError[];
}

/** @throws VibeopsError `text.utf8`, `file.…` */
export function readKnownProjects(env: Context["env"]): KnownProjects {
  const file = knownProjectsFile(env);
  const roots = new Set<string>();
  const wrong: VibeopsError[] = [];
  for (const [i, line] of readText(file).split("\n").entries()) {
    const root = rootOf(line);
    if (root === null) continue;
    if (isAbsolute(root)) roots.add(root);
    else wrong.push(noPath(root, file, i + 1));
  }
  return { roots: [...roots].sort(), wrong };
}

/** The folders alone of {@link readKnownProjects}. @throws as it does */
export function listKnownProjects(env: Context["env"]): readonly string[] {
  return readKnownProjects(env).roots;
}

/** Whether there is surely no project in this folder any more: what may not be looked at may still be there. */
export function isGone(root: string): boolean {
  try {
    return lstatOrNull(join(root, PROJECT_FILE)) === null;
  } catch {
    return false;
  }
}

/** Lists these folders too. Returns those that were new. @throws VibeopsError `projects.name`, `projects.inside` */
export async function addKnownProjects(env: Context["env"], roots: readonly string[]): Promise<string[]> {
  for (const root of roots) requireOneLine(root);
  return await changeList(env, (text) => {
    const known = new Set(text.split("\n").map(rootOf));
    const added = [...new Set(roots)].filter((root) => !known.has(root)).sort();
    const newline = newlineOf(text);
    const gap = text === "" || text.endsWith("\n") ? "" : newline;
    const lines = added.map((root) => `${root}${newline}`).join("");
    return { text: added.length === 0 ? text : `${text}${gap}${lines}`, roots: added };
  });
}

/** Takes these folders off the list, and nothing else of it. Returns those that stood there. */
export async function removeKnownProjects(env: Context["env"], roots: readonly string[]): Promise<string[]> {
  return await changeList(env, (text) => {
    const lines = text.split(/(?<=\n)/);
    const isMeant = (line: string) => roots.includes(rootOf(line) ?? "");
    const removed = lines.filter(isMeant).map((line) => rootOf(line) ?? "");
    return { text: lines.filter((line) => !isMeant(line)).join(""), roots: [...new Set(removed)].sort() };
  });
}

/** Under the lock of the list, so that of several at once none loses what another wrote. */
async function changeList(
  env: Context["env"],
  change: (text: string) => { text: string; roots: string[] },
): Promise<string[]> {
  const file = knownProjectsFile(env);
  refuseInsideProject(configDirectory(env));
  mkdirSync(configDirectory(env), { recursive: true, mode: 0o700 });
  const { withLock } = await import("../platform/lock.ts");
  return await withLock(file, () => {
    const before = readText(file);
    const { text, roots } = change(before);
    if (text !== before) writeFileDurably(file, Buffer.from(text), 0o600);
    return roots;
  });
}

function readText(file: string): string {
  const bytes = readIfExists(file);
  return bytes === null ? "" : decodeText(bytes, file);
}

/** The path on a line, however many slashes it has; null where it holds none. */
function rootOf(line: string): string | null {
  const path = line.replace(/\r?\n?$/, "");
  if (path.trim() === "" || path.startsWith("#")) return null;
  return isAbsolute(path) ? resolve(path) : path;
}

function requireOneLine(root: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (!/[\u0000-\u001f\u007f\ufffd]/.test(root)) return;
  throw new VibeopsError({
    code: "projects.name",
    exit: Exit.usage,
    message: "the path of this folder cannot stand on one line of text",
    file: root,
    fix: "rename the folder",
  });
}

/** The list is the person's: what lies in a project is written by its agents. */
function refuseInsideProject(directory: string): void {
  const parts = directory.split("/");
  const above = parts.map((_, i) => parts.slice(0, i + 1).join("/") || "/");
  const project = above.find((path) => lstatOrNull(join(path, PROJECT_FILE)) !== null);
  if (project === undefined) return;
  throw new VibeopsError({
    code: "projects.inside",
    exit: Exit.refused,
    message: "your configuration folder lies inside a project, where agents write",
    file: project,
    fix: "unset XDG_CONFIG_HOME, or point it to a folder outside of every project",
  });
}

function noPath(text: string, file: string, line: number): VibeopsError {
  return new VibeopsError({
    code: "projects.path",
    exit: Exit.invalid,
    message: `${quoteUntrusted(text)} is no absolute path`,
    file,
    line,
    fix: "write the whole path of a project's folder, from / on, or begin the line with #",
  });
}
