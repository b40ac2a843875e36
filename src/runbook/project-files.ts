import { dirname, join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import { readRegularFile } from "../platform/files.ts";
import { findDirectory } from "../platform/folders.ts";
import type { Project } from "../project/project.ts";
import { readDefinedActions } from "./actions/actions.ts";
import type { FileSource } from "./compile-runbook.ts";
import { isProjectPath } from "./runbook-header.ts";

/**
 * Files that a runbook may install or call: regular ones below the project's root, reached through real folders only.
 * Each is read at most once, whatever happens to it later: what is hashed, shown, compiled and staged is the same.
 */
export function projectFiles(root: string): FileSource {
  const seen = new Map<string, Buffer | VibeopsError>();
  return {
    readFile(path) {
      const found = seen.get(path) ?? tryRead(root, path);
      seen.set(path, found);
      if (found instanceof VibeopsError) throw found;
      return found;
    },
  };
}

function tryRead(root: string, path: string): Buffer | VibeopsError {
  try {
    return readProjectFile(root, path);
  } catch (error) {
    if (error instanceof VibeopsError) return error;
    throw error;
  }
}

/** All that compiling may read of a project: its files, and the actions that it defines. @throws VibeopsError `action.shadow` */
export function projectSource(project: Project): FileSource {
  return { ...projectFiles(project.root), actions: readDefinedActions(project) };
}

/** @throws VibeopsError `runbook.file` for a path outside, `file.missing|symlink|type|hardlink|size` */
function readProjectFile(root: string, path: string): Buffer {
  if (!isProjectPath(path)) {
    throw new VibeopsError({
      code: "runbook.file",
      exit: Exit.invalid,
      message: `'${path}' is no path inside the project`,
      fix: "write it as in: deploy/shop/compose.yaml",
    });
  }
  const parent = findDirectory(root, dirname(path));
  if (parent === null) throw missing(path);
  return readRegularFile(join(root, path));
}

function missing(path: string): VibeopsError {
  return new VibeopsError({
    code: "file.missing",
    exit: Exit.notFound,
    message: `there is no file ${path}`,
    file: path,
    fix: "create it, or take it out of `files`",
  });
}
