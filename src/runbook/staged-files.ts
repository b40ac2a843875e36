import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Context } from "../platform/context.ts";
import { stateDirectory } from "../platform/person.ts";
import type { FileSource } from "./compile-runbook.ts";
import type { Runbook } from "./runbook.ts";

/**
 * What a step on this machine may know of where things lie: `VIBEOPS_PROJECT` is a folder that holds the runbook's
 * listed files as they were hashed, and nothing else; `VIBEOPS_ROOT` is the project itself, for actions alone.
 */
export interface LocalPlaces {
  readonly VIBEOPS_PROJECT: string;
  readonly VIBEOPS_ROOT: string;
}

/** The same place each time, so that what is shown, recorded and run is the same text; outside of every project. */
export function localPlaces(env: Context["env"], root: string, { id }: Pick<Runbook, "id">): LocalPlaces {
  return { VIBEOPS_PROJECT: join(stateDirectory(env), "files", id), VIBEOPS_ROOT: root };
}

/** The variables among them that a script reads: one that reads none is shown and sent without any. */
export function placesNamedIn(script: string, places: LocalPlaces): Record<string, string> {
  return Object.fromEntries(Object.entries(places).filter(([name]) => script.includes(name)));
}

/** What staging needs of what the gate has judged. */
export interface Staged {
  readonly places: LocalPlaces;
  /** Gives the bytes that were hashed, not what lies on disk by now. */
  readonly files: FileSource;
  readonly listed: readonly string[];
}

/**
 * Runs something while the listed files lie where `VIBEOPS_PROJECT` says. They are written anew for each command, from
 * the bytes that were hashed, over whatever somebody may have left there; afterwards they are gone.
 */
export async function withStagedFiles<T>(staged: Staged, run: () => Promise<T>): Promise<T> {
  const folder = staged.places.VIBEOPS_PROJECT;
  rmSync(folder, { recursive: true, force: true });
  try {
    mkdirSync(dirname(folder), { recursive: true, mode: 0o700 });
    mkdirSync(folder, { mode: 0o700 });
    for (const path of staged.listed) {
      const place = join(folder, path);
      mkdirSync(dirname(place), { recursive: true, mode: 0o700 });
      // Permissions are no part of what is approved, so each may be called; none may be changed by mistake.
      writeFileSync(place, staged.files.readFile(path), { flag: "wx", mode: 0o500 });
    }
    return await run();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
