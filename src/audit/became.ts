import { join } from "node:path";
import { lstatOrNull } from "../platform/files.ts";
import { kindOfFile } from "../platform/kind-of-file.ts";

/**
 * What became of a file that git holds and that cannot be read as one, as the end of a sentence.
 *
 * @param path below the work tree, as git names it
 */
export function whatBecameOf(top: string, path: string): string {
  const names = path.split("/");
  for (const at of names.keys()) {
    const isLast = at === names.length - 1;
    const here = names.slice(0, at + 1).join("/");
    const stats = lstatOrNull(join(top, here));
    if (stats === null) return "it is gone";
    if (isLast || stats.isDirectory()) continue;
    return `${here} became ${kindOfFile(stats)}`;
  }
  const stats = lstatOrNull(join(top, path));
  if (stats === null) return "it is gone";
  return stats.isFile() ? "it cannot be read" : `it became ${kindOfFile(stats)}`;
}
