import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { Exit, isSystemError, VibeopsError } from "../errors.ts";
import { isWithin } from "./work-trees.ts";

/** What decides, signs and reaches hosts: these are not taken from a folder that others may write either. */
const OF_THE_GATE: ReadonlySet<string> = new Set(["ssh-keygen", "ssh", "git", "sh"]);

/** What execvp(3) searches where there is no PATH, without the current folder. */
const DEFAULT_PATH = "/usr/bin:/bin";

const distrusted = new Set<string>();
const found = new Map<string, string>();
const cleaned = new Map<string, string>();

/**
 * From now on, for the whole process, no program is taken from this folder: agents write there. Whoever finds a
 * work tree says so here, before anything is started in it.
 */
export function distrustPrograms(directory: string): void {
  if (distrusted.has(directory)) return;
  distrusted.add(directory);
  cleaned.clear();
}

/**
 * The absolute path of a program, looked up once per process. Empty and relative entries of the PATH do not count:
 * they mean wherever somebody stands. A name with a slash in it is taken as it is.
 *
 * @throws VibeopsError `process.missing`, `program.inside`
 */
export function findProgram(name: string, path: string | undefined): string {
  if (name.includes("/")) return name;
  const key = `${name}\0${path ?? ""}`;
  const program = found.get(key) ?? search(name, path);
  // Looked up before, but the work tree that it lies in may have been found only since.
  refuseInside(name, program);
  found.set(key, program);
  return program;
}

/** The PATH for what a program starts in its turn: without entries that lie in a work tree or depend on the place. */
export function cleanPath(path: string | undefined): string {
  const key = path ?? DEFAULT_PATH;
  const clean =
    cleaned.get(key) ??
    absoluteEntries(path)
      .filter((entry) => !isDistrusted(entry))
      .join(delimiter);
  cleaned.set(key, clean);
  return clean;
}

function absoluteEntries(path: string | undefined): string[] {
  return (path ?? DEFAULT_PATH).split(delimiter).filter((entry) => isAbsolute(entry));
}

function search(name: string, path: string | undefined): string {
  const leftOut: string[] = [];
  for (const entry of absoluteEntries(path)) {
    const candidate = join(entry, name);
    if (!isProgram(candidate)) continue;
    if (!OF_THE_GATE.has(name) || !isWritableByOthers(entry)) return candidate;
    leftOut.push(entry);
  }
  throw missing(name, leftOut);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR", "EACCES", "ELOOP", "ENAMETOOLONG")) return false;
    throw error;
  }
}

/** A sticky folder is no better: others may put a new program there. */
function isWritableByOthers(directory: string): boolean {
  return (statSync(directory).mode & 0o022) !== 0;
}

function isDistrusted(path: string): boolean {
  const places = [path, realPathOf(path)];
  return [...distrusted].some((top) => places.some((place) => isWithin(place, top)));
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR", "EACCES", "ELOOP")) return path;
    throw error;
  }
}

function refuseInside(name: string, program: string): void {
  if (!isDistrusted(program)) return;
  throw new VibeopsError({
    code: "program.inside",
    exit: Exit.refused,
    message: `the PATH finds '${name}' inside the project, where agents write`,
    file: program,
    fix: `take that folder out of PATH, or put it behind the one that holds the system's ${name}`,
  });
}

function missing(name: string, leftOut: readonly string[]): VibeopsError {
  const [directory] = leftOut;
  return new VibeopsError({
    code: "process.missing",
    exit: Exit.notFound,
    message:
      directory === undefined
        ? `the program '${name}' is not installed, or not on the PATH`
        : `the PATH finds '${name}' only in a folder that others may write: ${leftOut.join(", ")}`,
    fix: directory === undefined ? `install ${name}` : `run: chmod go-w ${directory}`,
  });
}
