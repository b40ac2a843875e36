import { statSync } from "node:fs";
import { Exit, isSystemError, VibeopsError } from "../errors.ts";

/** Where the person stands, and what keeps commands from working there. */
export interface Place {
  readonly cwd: string;
  readonly fault?: VibeopsError;
}

export function findPlace(): Place {
  try {
    const cwd = process.cwd();
    return isNamed(cwd) ? { cwd } : { cwd, fault: unnamable(cwd) };
  } catch (error) {
    if (!isSystemError(error, "ENOENT", "EACCES", "ENOTDIR")) throw error;
    return { cwd: "/", fault: gone(error) };
  }
}

/** For bytes that are no UTF-8 Node.js writes U+FFFD, and would find another folder by that, or make one. */
function isNamed(cwd: string): boolean {
  if (!cwd.includes("\u{fffd}")) return true;
  const named = statSync(cwd, { throwIfNoEntry: false });
  const here = statSync(".");
  return named?.ino === here.ino && named.dev === here.dev;
}

function unnamable(cwd: string): VibeopsError {
  return new VibeopsError({
    code: "folder.name",
    exit: Exit.usage,
    message:
      "the name of this folder, or of one above it, is not UTF-8, so its files cannot be reached by it",
    file: cwd,
    fix: "rename it: ls --quoting-style=shell-escape shows the name as mv takes it",
  });
}

function gone(cause: NodeJS.ErrnoException): VibeopsError {
  return new VibeopsError({
    code: "folder.gone",
    exit: Exit.notFound,
    message: "the folder in which you stand is not there any more, or may not be read",
    fix: "go to one that is: cd FOLDER",
    cause,
  });
}
