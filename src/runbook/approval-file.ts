import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import { readIfReadable } from "../platform/files.ts";
import { ensureDirectory, isFolder } from "../platform/folders.ts";
import { publishUndoably, type Undo } from "../platform/undo.ts";
import type { RunbookFolder } from "./runbook-folder.ts";

/** A decision as it lies on disk; nothing of it is believed yet. */
export interface ApprovalFile {
  /** Name of the file without its ending. */
  readonly name: string;
  /** Absolute path of the statement. */
  readonly file: string;
  readonly bytes: Buffer;
  /** Armored; null where there is none. */
  readonly signature: string | null;
}

const MAX_BYTES = 1024 * 1024;
/** Decisions on one runbook. Nobody gives as many; whoever fills the folder shall not keep everybody waiting. */
const MAX_DECISIONS = 500;

/** Every statement in the approvals folder, oldest name first. @throws VibeopsError `approval.flood` */
export function readApprovalFiles(folder: RunbookFolder): ApprovalFile[] {
  if (!isFolder(folder.approvals)) return [];
  const names = readdirSync(folder.approvals).filter((name) => name.endsWith(".yaml"));
  if (names.length > MAX_DECISIONS) {
    throw new VibeopsError({
      code: "approval.flood",
      exit: Exit.refused,
      message: `there are ${names.length} decisions on this runbook; more than ${MAX_DECISIONS} are not looked at`,
      file: folder.approvals,
      fix: "see with git log who made them, and remove those that nobody gave",
    });
  }
  return names.sort().map((name) => {
    const file = join(folder.approvals, name);
    const signature = tryRead(`${file}.sig`);
    return {
      name: name.slice(0, -".yaml".length),
      file,
      bytes: tryRead(file) ?? Buffer.alloc(0),
      signature: signature?.toString("latin1") ?? null,
    };
  });
}

/** A link, a FIFO or a huge file is no decision: it is treated as one without content, and refused by name later. */
function tryRead(path: string): Buffer | null {
  return readIfReadable(path, { maxBytes: MAX_BYTES });
}

/** Writes a statement and its signature; both are new. A decision that goes into no history is taken back. Returns their paths. */
export function writeApprovalFiles(
  folder: RunbookFolder,
  nonce: string,
  bytes: Buffer,
  signature: string,
  undo: Undo,
): string[] {
  ensureDirectory(folder.path, "approvals");
  const file = join(folder.approvals, `${nonce}.yaml`);
  // The signature first: a statement alone would look like a forgery, a signature alone like nothing.
  publish(`${file}.sig`, Buffer.from(signature, "latin1"), undo);
  publish(file, bytes, undo);
  return [file, `${file}.sig`];
}

function publish(path: string, bytes: Buffer, undo: Undo): void {
  if (publishUndoably(path, bytes, undo) === "created") return;
  throw new VibeopsError({
    code: "approval.exists",
    exit: Exit.conflict,
    message: "there is a decision with this nonce already",
    file: path,
    fix: "decide again",
  });
}
