import { Exit, isSystemError, VibeopsError } from "../errors.ts";

/**
 * What `reach` makes of a folder that a person named.
 *
 * @throws VibeopsError `projects.folder` where there is none, or none that can be reached; what `reach` throws
 */
export function reachFolder(folder: string, reach: (folder: string) => string, fix: string): string {
  try {
    return reach(folder);
  } catch (error) {
    if (!isSystemError(error, "ENOENT", "ENOTDIR", "EACCES", "ELOOP", "ENAMETOOLONG")) throw error;
    throw new VibeopsError({
      code: "projects.folder",
      exit: Exit.notFound,
      message: `this folder cannot be reached (${error.code})`,
      file: folder,
      fix,
    });
  }
}
