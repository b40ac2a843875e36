import { relative, sep } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import { lstatOrNull, readIfExists, readRegularFile } from "../platform/files.ts";
import { findDirectory } from "../platform/folders.ts";
import { sha256 } from "../platform/hash.ts";
import { ID_PATTERN } from "../platform/ids.ts";
import type { Project } from "../project/project.ts";
import { decodeText } from "../text/decode.ts";
import { parseRunbook } from "./parse-runbook.ts";
import type { Runbook } from "./runbook.ts";
import { RUNBOOKS_FOLDER, type RunbookFolder, runbookFolder, runbookPath } from "./runbook-paths.ts";
import { parseSeal } from "./seal.ts";

export { listRunbookIds, type RunbookFolder, runbookFolder } from "./runbook-paths.ts";

/**
 * Whether a runbook carries a seal of its own: it waits for nobody any more, and a changed runbook.md does not open it
 * again. Whether the signature is somebody's is for `close`, which verifies what it writes, and for whoever audits.
 */
export function isClosed(folder: RunbookFolder): boolean {
  const bytes = readIfExists(folder.seal);
  if (bytes === null || lstatOrNull(`${folder.seal}.sig`) === null) return false;
  return parseSeal(bytes)?.runbook.id === folder.id;
}

/** A runbook together with the exact bytes it was read from. */
export interface LoadedRunbook {
  readonly runbook: Runbook;
  readonly folder: RunbookFolder;
  /** Of runbook.md as it was read. */
  readonly sha256: string;
}

/** Reads runbooks/<id>/runbook.md. @throws VibeopsError `runbook.missing`, and as parseRunbook does */
export function loadRunbook(project: Pick<Project, "root">, id: string): LoadedRunbook {
  const folder = runbookFolder(project, id);
  if (!ID_PATTERN.test(id) || findDirectory(project.root, `${RUNBOOKS_FOLDER}/${id}`) === null) {
    throw new VibeopsError({
      code: "runbook.missing",
      exit: Exit.notFound,
      message: `there is no runbook ${id}`,
      fix: "see: vibeops runbook list",
    });
  }
  const bytes = readDocument(folder);
  const file = relative(project.root, folder.document).split(sep).join("/");
  const runbook = parseRunbook(decodeText(bytes, file, "runbook"), file);
  if (runbook.id === id) return { runbook, folder, sha256: sha256(bytes) };
  throw new VibeopsError({
    code: "runbook.id",
    exit: Exit.invalid,
    message: `the runbook calls itself ${runbook.id} and lies in the folder ${id}`,
    file,
    line: 2,
    fix: `write: id: ${id}`,
  });
}

function readDocument({ id, document }: RunbookFolder): Buffer {
  try {
    return readRegularFile(document);
  } catch (error) {
    if (!(error instanceof VibeopsError) || error.code !== "file.missing") throw error;
    const { code, exit } = error;
    const fix = `bring it back (git log -- ${runbookPath(id)}), or remove the folder`;
    const message = "this runbook's folder holds no runbook.md";
    throw new VibeopsError({ code, exit, message, file: document, fix, cause: error });
  }
}
