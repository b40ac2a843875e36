import { findDirectory, listNames } from "../platform/files.ts";
import { ARCHIVED, INCOMING, OUTGOING, QUARANTINE, SENT } from "./mailbox.ts";

const FOLDERS = [INCOMING, ARCHIVED, SENT, OUTGOING, QUARANTINE] as const;

/**
 * Makes sure that the project's own memo folders are real folders that can be read, months included. A fault in there
 * is nobody's memo's fault, so it is found before any memo is judged.
 *
 * @throws VibeopsError `file.symlink`, `file.type`, `file.unreadable` with the folder
 */
export function requireOwnFolders(root: string): void {
  for (const folder of FOLDERS) {
    const directory = findDirectory(root, folder);
    if (directory === null) continue;
    const months = listNames(directory).filter((name) => /^\d{4}-\d{2}$/.test(name));
    for (const month of months) findDirectory(directory, month);
  }
}
