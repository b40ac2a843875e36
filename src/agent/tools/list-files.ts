import { type Dirent, readdirSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { Exit, isSystemError, VibeopsError } from "../../errors.ts";
import { lstatOrNull } from "../../platform/files.ts";
import { markUntrusted } from "../untrusted.ts";
import { placeInProject } from "./project-path.ts";
import { defineTool } from "./tool.ts";

const MOST = 1000;
const SKIPPED = new Set([".git", ".vibeops", "node_modules"]);

export const listFiles = defineTool({
  name: "list_files",
  description: `Lists files and folders below a folder of this project, at most ${MOST}. Folders end in a slash; links are not followed.`,
  input: z.strictObject({
    folder: z._default(z.string(), ".").check(z.describe("below the project")),
    depth: z._default(z.int().check(z.minimum(1), z.maximum(8)), 2),
  }),
  readOnly: true,
  async run({ folder, depth }, caller) {
    const { absolute, relative } = placeInProject(caller, folder);
    if (lstatOrNull(absolute)?.isDirectory() !== true) throw noFolder(relative);
    const all = list(absolute, "", depth);
    const names = all.slice(0, MOST);
    const listed = markUntrusted(caller.boundary, `names of files in ${relative || "."}`, names.join("\n"));
    const left = all.length - names.length;
    const more = `\n${left} more were left out: list a folder further in, or less deep`;
    return {
      text: left === 0 ? listed : listed + more,
      said: `${names.length} files and folders in ${relative || "."}`,
    };
  },
});

function list(directory: string, prefix: string, depth: number): string[] {
  return readFolder(join(directory, prefix))
    .filter(({ name }) => !SKIPPED.has(name))
    .flatMap((entry) => {
      const path = `${prefix}${entry.name}`;
      if (!entry.isDirectory()) return [path];
      return [`${path}/`, ...(depth > 1 ? list(directory, `${path}/`, depth - 1) : [])];
    });
}

/** What goes away meanwhile, or may not be read from here, holds nothing to list. */
function readFolder(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR", "EACCES", "EPERM")) return [];
    throw error;
  }
}

function noFolder(path: string): VibeopsError {
  return new VibeopsError({
    code: "tool.path",
    exit: Exit.notFound,
    message: `there is no folder ${path}`,
    fix: "list the folder above it",
  });
}
