import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { nameProgram } from "../text/own-commands.ts";
import type { Io } from "./io.ts";

const NAME = "vibeops";

/** Folders that npm puts before the PATH of what it runs: what is found there is not found by the person's shell. */
const NPM_FOLDER = /node_modules[/\\]\.bin[/\\]?$/;

/**
 * How the person can call us from here: `vibeops` where their shell finds it, `npx vibeops` where only npx does.
 * Where neither would work (a run by a path), the plain name stands, since npx would look for a stranger's package.
 */
export function programName(io: Pick<Io, "context" | "cwd">): string {
  const known = names.get(io) ?? findName(io);
  names.set(io, known);
  return known;
}

/** It is asked for every hint, and looks into every folder of the PATH. */
const names = new WeakMap<Pick<Io, "context" | "cwd">, string>();

function findName({ context: { env }, cwd }: Pick<Io, "context" | "cwd">): string {
  const runByNpm = env.npm_command !== undefined || env.npm_execpath !== undefined;
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const searched = runByNpm ? folders.filter((folder) => !NPM_FOLDER.test(folder)) : folders;
  if (searched.some((folder) => existsSync(join(folder, NAME)))) return NAME;
  return runByNpm || isInstalledAbove(cwd) ? `npx ${NAME}` : NAME;
}

function isInstalledAbove(directory: string): boolean {
  if (existsSync(join(directory, "node_modules/.bin", NAME))) return true;
  const parent = dirname(directory);
  return parent !== directory && isInstalledAbove(parent);
}

/** A hint of ours with its commands as they can be typed here. */
export function typeable(io: Pick<Io, "context" | "cwd">, hint: string): string {
  return hint.includes(NAME) ? nameProgram(hint, programName(io)) : hint;
}
