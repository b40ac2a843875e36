import { realpathSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { Exit, isSystemError, VibeopsError } from "../../errors.ts";
import { refuseOnDisk } from "../../guard/disk.ts";
import { protectedReason } from "../../guard/protected-paths.ts";
import { lstatOrNull } from "../../platform/files.ts";
import { makeVisible } from "../../text/visible.ts";
import type { ToolContext } from "./tool.ts";

/** Nothing in these is for an agent to see: git's own files, and what is local to a person's machine. */
const HIDDEN = new Set([".git", ".vibeops"]);

/**
 * An existing or future place in the project, by its real path: no link leads out of it.
 *
 * @returns the absolute path and the one below the project, with `/`
 * @throws VibeopsError `tool.outside`, `tool.hidden`, `tool.path`
 */
export function placeInProject(
  { project }: Pick<ToolContext, "project">,
  path: string,
): { absolute: string; relative: string } {
  // No file of a project needs a name that is more than a line.
  const isName = !isAbsolute(path) && !/\p{Cc}/u.test(path);
  const real = isName ? reach(resolve(project.root, path), path) : "";
  const below = relative(project.root, real);
  if (!isName || below === ".." || below.startsWith(`..${sep}`) || isAbsolute(below)) {
    const shown = makeVisible(path.slice(0, 200), { newlines: false });
    throw refused(
      "tool.outside",
      `${shown} is not a path below the project`,
      "give a path below the project",
    );
  }
  const parts = below.split(sep);
  // Also as file systems that do not tell case apart would find it.
  if (parts.some((part) => HIDDEN.has(part.toLowerCase()))) {
    throw refused(
      "tool.hidden",
      `${path} is not for an agent to read`,
      "use the tools for git and for memos",
    );
  }
  return { absolute: real, relative: parts.join("/") };
}

/**
 * A place that the role may write.
 *
 * @throws VibeopsError `tool.outside`, `tool.hidden`, `tool.protected`, `tool.role`
 */
export function placeToWrite(
  caller: Pick<ToolContext, "project" | "role" | "writes">,
  path: string,
): { absolute: string; relative: string } {
  const place = placeInProject(caller, path);
  const { relative: name } = place;
  if (path.endsWith("/")) throw refused("tool.path", `${path} names a folder`, "give the path of a file");
  const reach = { root: caller.project.root, personal: [], writer: "tool" as const };
  const reason = protectedReason(name, "tool") ?? refuseOnDisk(place.absolute, reach);
  if (reason !== null) {
    throw refused("tool.protected", `${name} is not for an agent to write: ${reason}`, fixFor(name));
  }
  refuseDecided(caller, name);
  if (!caller.writes.some((folder) => isWithin(name, folder))) {
    throw refused(
      "tool.role",
      `${caller.role} may not write ${name}`,
      caller.writes.length === 0 ? "ask_human" : `it may write: ${caller.writes.join(", ")}`,
    );
  }
  return place;
}

/** A runbook that somebody approved, rejected or walked is no draft any more. @throws VibeopsError `tool.protected` */
function refuseDecided({ project }: Pick<ToolContext, "project">, name: string): void {
  const [folder, id, ...rest] = name.split("/");
  if (folder?.toLowerCase() !== "runbooks" || id === undefined) return;
  const isDraft = ["approvals", "records", "seal.yaml", "record.md"].every(
    (part) => lstatOrNull(join(project.root, "runbooks", id, part)) === null,
  );
  if (isDraft && rest.join("/") === "runbook.md") return;
  throw refused(
    "tool.protected",
    isDraft ? `in a runbook's folder an agent writes runbook.md alone` : `runbook ${id} was decided on`,
    "write another runbook, with an id of its own",
  );
}

/** `folder/` holds all that is below it, `./` everything, a file only itself. */
function isWithin(name: string, place: string): boolean {
  const [own, theirs] = [name.toLowerCase(), place.toLowerCase()];
  if (theirs === "./") return true;
  return theirs.endsWith("/") ? own.startsWith(theirs) || `${own}/` === theirs : own === theirs;
}

/** @throws VibeopsError `tool.path` where there is a file, a circle of links or too long a name on the way */
function reach(path: string, given: string): string {
  try {
    return realPlace(path);
  } catch (error) {
    if (!isSystemError(error, ...Object.keys(UNREACHABLE))) throw error;
    const why = UNREACHABLE[error.code as keyof typeof UNREACHABLE];
    throw refused(
      "tool.path",
      `${given.slice(0, 200)} leads nowhere: ${why}`,
      "see what is there: list_files",
    );
  }
}

const UNREACHABLE = {
  ENOTDIR: "a file stands where a folder would have to be",
  ELOOP: "links lead in a circle",
  ENAMETOOLONG: "the name is too long",
  EACCES: "it may not be read from here",
  ENOENT: "a link in it leads to nothing",
};

/** The real path of the nearest parent that exists, and the rest as it was given. */
function realPlace(path: string): string {
  if (lstatOrNull(path) !== null) return realpathSync(path);
  const parent = dirname(path);
  return parent === path ? path : join(realPlace(parent), path.slice(parent.length));
}

function fixFor(name: string): string {
  if (name === "STATE.md") return "use state_set";
  if (name.startsWith("memos/")) return "use the tools for memos";
  return "ask_human";
}

function refused(code: string, message: string, fix: string): VibeopsError {
  return new VibeopsError({ code, exit: Exit.refused, message, fix });
}
