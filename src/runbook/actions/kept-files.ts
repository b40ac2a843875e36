import * as z from "zod/mini";
import { quoteCommand } from "../../platform/quote.ts";
import { absolutePath } from "./parameters.ts";

/** Parameters of an action whose way back begins with putting sites back. */
export const restoredSites = {
  restore: z
    ._default(z.array(absolutePath).check(z.maxLength(50)), [])
    .check(
      z.describe("sites that an earlier files.install wrote: the way back puts them back before it reloads"),
    ),
  keep: z.optional(absolutePath).check(z.describe("the `keep` of that files.install; needed with `restore`")),
};

interface RestoredSites {
  readonly restore: readonly string[];
  readonly keep?: string | undefined;
}

/** For `refine`, with {@link needsKeep}. */
export function hasKeep({ restore, keep }: RestoredSites): boolean {
  return restore.length === 0 || keep !== undefined;
}

export const needsKeep = {
  error: "`restore` needs the `keep` of the step that installed those files",
  path: ["keep"],
};

/** The folder in which a step keeps what was there: what its `keep` says, or `.vibeops` in its own folder. */
export function keepFolder(keep: string | undefined, directory: string): string {
  return keep ?? `${directory}/.vibeops`;
}

/** As {@link keepFolder}, beside a file. */
export function keepBeside(keep: string | undefined, path: string): string {
  return keepFolder(keep, path.slice(0, path.lastIndexOf("/")));
}

/**
 * Where a runbook keeps what stood in a place before it: `<keep>/<runbook id><place>`, and the same name with
 * `.none` where nothing stood there. Keyed by the runbook, so that a step that is run a second time does not
 * take its own work for the earlier version.
 */
export function keptPath(keep: string, runbook: string, place: string): string {
  return `${keep}/${runbook}${place}`;
}

/** Copies what stands in a place to where it is kept, once per runbook. Arguments: place, kept copy. */
export const KEEP_FUNCTION = `keep() {
  mkdir -p "$(dirname "$2")"
  if [ -e "$2" ] || [ -h "$2" ] || [ -e "$2.none" ]; then return 0; fi
  if [ -h "$1" ] || [ -e "$1" ]; then
    cp -pP "$1" "$2.new"
    mv -f "$2.new" "$2"
  else
    : >"$2.none"
  fi
}
`;

/** Puts back what is kept; may be done twice. Arguments: place, kept copy. */
export const PUT_BACK_FUNCTION = `put_back() {
  if [ -e "$2" ] || [ -h "$2" ]; then
    cp -pP "$2" "$1.vibeops-back"
    if [ -h "$1" ]; then rm -f "$1"; fi
    mv -f "$1.vibeops-back" "$1"
  elif [ -e "$2.none" ]; then
    rm -f "$1"
  fi
}
`;

/** Forgets what was kept, after it was put back. Arguments: kept copy. */
export const FORGET_FUNCTION = `forget() {
  rm -f "$1" "$1.none"
}
`;

/** The beginning of a way back that puts these sites back; empty where there are none. */
export function putSitesBack({ restore, keep = "" }: RestoredSites, runbook: string): string {
  const lines = putBackLines(keep, runbook, restore);
  return lines === "" ? "" : `${PUT_BACK_FUNCTION}${lines}`;
}

export function putBackLines(keep: string, runbook: string, places: readonly string[]): string {
  return places
    .map((place) => `${quoteCommand(["put_back", place, keptPath(keep, runbook, place)])}\n`)
    .join("");
}
