import { posix } from "node:path";
import { scanHidden } from "../text/characters.ts";
import { quoteUntrusted } from "../text/visible.ts";
import { type Reach, refuseOnDisk } from "./disk.ts";
import { protectedReason } from "./protected-paths.ts";

/** Why an editing tool must not write a file, as one sentence that is safe to show; null where it may. */
export function refuseEdit(path: string, folder: string, reach: Omit<Reach, "writer">): string | null {
  const reason = refuseSpelling(path) ?? refuseFile(posix.resolve(folder, path), reach);
  return reason === null ? null : `${quoteUntrusted(path)} is not for an agent to write: ${reason}.`;
}

/** Tools differ in what they make of these before they open the file. */
function refuseSpelling(path: string): string | null {
  if (path.trim() === "") return "it names no file";
  if (path !== path.trim()) return "it begins or ends with white space";
  if (path.startsWith("~")) return "it lies in the home folder, outside the project";
  if (/[\\\n\t\r]/.test(path)) return "it holds a character that is read in different ways";
  if (path.length > 4096) return "it is too long";
  for (const { kind } of scanHidden(path))
    return `it holds a character that is not what it looks like (${kind})`;
  return null;
}

function refuseFile(absolute: string, reach: Omit<Reach, "writer">): string | null {
  const inside = posix.relative(reach.root, absolute);
  const isOutside = inside === ".." || inside.startsWith("../");
  // By its name first: what is protected stays so where the name is a link.
  const named = isOutside || inside === "" ? null : protectedReason(inside, "editor");
  return named ?? refuseOnDisk(absolute, { ...reach, writer: "editor" });
}
