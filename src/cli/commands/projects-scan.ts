import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { addKnownProjects, listKnownProjects } from "../../project/known-projects.ts";
import { type ProjectScan, scanProjects } from "../../project/scan-projects.ts";
import { makeVisible } from "../../text/visible.ts";
import { flagOption, type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { programName } from "../program-name.ts";
import { askConsent } from "../prompt.ts";
import { reachFolder } from "../reach-folder.ts";
import { wholeNumber } from "../values.ts";

const DEPTH = 6;
/** A home folder with everything in it has fewer; a whole disk does not. */
const MOST_FOLDERS = 200_000;

export async function runProjectsScan(io: Io, args: readonly string[], options: Options): Promise<Outcome> {
  const fix = "give a folder below which your projects lie: vibeops projects scan ~/work";
  const folder = reachFolder(resolve(io.cwd, args[0] ?? "."), (path) => realpathSync(path), fix);
  const depth = textOption(options, "depth");
  const limits = {
    depth: depth === undefined ? DEPTH : wholeNumber("depth", depth, 0),
    folders: MOST_FOLDERS,
  };
  const scan = scanProjects(folder, limits);
  const known = new Set(listKnownProjects(io.context.env));
  const fresh = scan.roots.filter((root) => !known.has(root));
  const isDry = flagOption(options, "dryRun");
  const found = describe(scan, known, limits.depth);
  const added = isDry || fresh.length === 0 ? [] : await addAfterYes(io, fresh, found, options);
  const data = { folder, found: scan.roots, added, unreadable: scan.unreadable, cut: scan.isCut };
  const isShown = !isDry && fresh.length > 0 && !flagOption(options, "yes");
  return outcome(data, [...(isShown ? [] : found), ...summary(io, fresh, added, isDry)].join("\n"));
}

async function addAfterYes(
  io: Io,
  fresh: readonly string[],
  found: readonly string[],
  options: Options,
): Promise<string[]> {
  const yes = flagOption(options, "yes");
  if (!yes) io.stderr.write(`${found.join("\n")}\n`);
  const question = fresh.length === 1 ? "Add it to your list?" : `Add these ${fresh.length} to your list?`;
  return (await askConsent(io, question, yes)) ? await addKnownProjects(io.context.env, fresh) : [];
}

function describe(scan: ProjectScan, known: ReadonlySet<string>, depth: number): string[] {
  return [
    ...scan.roots.map((root) => `${known.has(root) ? "known" : "new  "}  ${show(root)}`),
    ...scan.unreadable.map((path) => `may not be read: ${show(path)}`),
    ...(scan.isCut ? [`There are folders below that were not looked into (--depth ${depth}).`] : []),
  ];
}

function summary(io: Io, fresh: readonly string[], added: readonly string[], isDry: boolean): string[] {
  if (added.length > 0) {
    return [`${added.length} added to your list. Over all of it: ${programName(io)} status --all`];
  }
  if (fresh.length === 0) return ["No project there that is not on your list."];
  return [isDry ? `${fresh.length} would be added.` : "Nothing was added."];
}

function show(path: string): string {
  return makeVisible(path, { newlines: false });
}
