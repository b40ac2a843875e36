import { fstatSync, lstatSync } from "node:fs";
import { basename, dirname } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import { describeSystemError } from "../platform/system-error.ts";

/** What the name of a verification's record begins with. */
export const VERIFICATION = "verify-";

/**
 * The file that is open must still be the one by that name, and as long as we left it: somebody who deletes,
 * replaces or cuts it off during a walk would otherwise have us write into nothing.
 */
export function refuseOtherFile(descriptor: number, file: string, size: number): void {
  const open = fstatSync(descriptor);
  const named = lstatSync(file, { throwIfNoEntry: false });
  const isSame = named !== undefined && named.dev === open.dev && named.ino === open.ino;
  if (isSame && open.nlink === 1 && open.size === size) return;
  throw new VibeopsError({
    code: "record.changed",
    exit: Exit.refused,
    message:
      "somebody deleted, replaced or changed this record while it was being written; nothing more is done",
    file,
    fix: `find out who; bring it back as it was (git log -p), then resume: vibeops runbook run ${runbookOf(file)}`,
  });
}

/** The runbook whose record this file is. */
function runbookOf(file: string): string {
  return basename(dirname(dirname(file)));
}

/** Each line is noted in the person's state folder first, so the disk that refuses may be another than the record's. */
export function unwritable(file: string, cause: unknown): VibeopsError {
  const system = describeSystemError(cause);
  const why = system === null ? "" : `: ${system.message}`;
  const verb = basename(file).startsWith(VERIFICATION) ? "verify" : "run";
  return new VibeopsError({
    code: "record.unwritable",
    exit: Exit.unexpected,
    message: `the record cannot be written, so nothing more is done${why}`,
    file,
    fix: `make room on that disk, or mend what keeps it from writing; then: vibeops runbook ${verb} ${runbookOf(file)}`,
    cause,
  });
}
