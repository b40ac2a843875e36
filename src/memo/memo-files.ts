import { realpathSync } from "node:fs";
import { Exit, isSystemError, VibeopsError } from "../errors.ts";
import { lstatOrNull, TEMPORARY_NAME } from "../platform/files.ts";
import { findDirectory, listNames } from "../platform/folders.ts";
import { idOfFileName } from "./file-name.ts";
import { ARCHIVED, INCOMING, SENT } from "./mailbox.ts";

type Place = "incoming" | "archived" | "sent";

/** A file that by its name is a memo. */
export interface MemoFile {
  project: string;
  place: Place;
  id: string;
  name: string;
  /** Absolute. */
  path: string;
  /** Names of our own temporaries in its folder, as for reading it. */
  temporaries: readonly string[];
}

const FOLDERS: Readonly<Record<Place, string>> = { incoming: INCOMING, archived: ARCHIVED, sent: SENT };

const places: readonly Place[] = ["incoming", "archived", "sent"];

/** A folder that holds memo files. */
export interface MemoFolder {
  project: string;
  place: Place;
  /** Absolute. */
  directory: string;
}

/** Every folder of a project that holds memos. `onProblem` is told of one that cannot be read; the others are there. */
export function listMemoFolders(project: string, onProblem: (error: VibeopsError) => void): MemoFolder[] {
  const [root] = attempt(() => [realpathSync(project)], onProblem);
  if (root === undefined) return [];
  return places.flatMap((place) =>
    attempt(() => foldersOf(root, place), onProblem).map((directory) => ({ project, place, directory })),
  );
}

function foldersOf(root: string, place: Place): string[] {
  const directory = findDirectory(root, FOLDERS[place]);
  if (directory === null) return [];
  if (place === "incoming") return [directory];
  return listNames(directory)
    .filter((name) => /^\d{4}-\d{2}$/.test(name))
    .map((name) => `${directory}/${name}`)
    .filter((path) => lstatOrNull(path)?.isDirectory() === true);
}

/** The files in one of these folders that by their names are memos. */
export function listMemoFiles(
  { project, place, directory }: MemoFolder,
  onProblem: (error: VibeopsError) => void,
): MemoFile[] {
  const names = attempt(() => listNames(directory), onProblem);
  const temporaries = names.filter((name) => TEMPORARY_NAME.test(name));
  return names.flatMap((name) => {
    const id = idOfFileName(name);
    return id === null ? [] : { project, place, id, name, path: `${directory}/${name}`, temporaries };
  });
}

function attempt(read: () => string[], onProblem: (error: VibeopsError) => void): string[] {
  try {
    return read();
  } catch (error) {
    if (error instanceof VibeopsError) onProblem(error);
    else if (isSystemError(error, "ENOENT", "ENOTDIR")) onProblem(gone(error));
    else throw error;
    return [];
  }
}

/** A project that was moved away, or a folder that went while we read. */
function gone(error: NodeJS.ErrnoException): VibeopsError {
  return new VibeopsError({
    code: "file.missing",
    exit: Exit.notFound,
    message: "this folder is not there any more",
    file: error.path,
  });
}
