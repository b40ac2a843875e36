import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { Exit, VibeopsError } from "../../errors.ts";
import { isGone, listKnownProjects, removeKnownProjects } from "../../project/known-projects.ts";
import { findUnique } from "../../text/find-unique.ts";
import { makeVisible } from "../../text/visible.ts";
import { flagOption, type Options } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";

export async function runProjectsRemove(io: Io, args: readonly string[], options: Options): Promise<Outcome> {
  const missing = flagOption(options, "missing");
  if (args.length === 0 && !missing) {
    throw new VibeopsError({
      code: "usage.nothing",
      exit: Exit.usage,
      message: "no project was named",
      fix: "name one, or add --missing to take off those that are gone",
    });
  }
  const known = listKnownProjects(io.context.env);
  const named = args.map((arg) => findKnown(known, arg, io.cwd));
  const gone = missing ? known.filter(isGone) : [];
  const removed = await removeKnownProjects(io.context.env, [...named, ...gone]);
  const lines = removed.map((root) => `off the list  ${makeVisible(root, { newlines: false })}`);
  return outcome({ removed }, lines.length === 0 ? "Nothing is missing." : lines.join("\n"));
}

/** By its folder, as one stands here, or by any unique part of its path. */
function findKnown(known: readonly string[], arg: string, cwd: string): string {
  const path = resolve(cwd, arg);
  const folder = [path, realPathOf(path)].find((one) => known.includes(one));
  if (folder !== undefined) return folder;
  return findUnique(known, arg, {
    keys: (root) => [root, root.slice(root.lastIndexOf("/") + 1)],
    noun: "project of your list",
    code: "projects",
    fix: "see them with: vibeops projects list",
  });
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
