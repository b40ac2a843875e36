import { findDirectory, listNames, requireReadable } from "../platform/folders.ts";
import { ARCHIVED, INCOMING, OUTGOING, QUARANTINE, SENT } from "./mailbox.ts";

const FLAT = [INCOMING, OUTGOING, QUARANTINE] as const;
const BY_MONTH = [ARCHIVED, SENT] as const;

/**
 * Makes sure that the project's own memo folders are real folders that can be read, months included. A fault in there
 * is nobody's memo's fault, so it is found before any memo is judged.
 *
 * @throws VibeopsError `file.symlink`, `file.type`, `file.unreadable` with the folder
 */
export function requireOwnFolders(root: string): void {
  for (const folder of FLAT) {
    const directory = findDirectory(root, folder);
    if (directory !== null) requireReadable(directory);
  }
  for (const folder of BY_MONTH) {
    const directory = findDirectory(root, folder);
    if (directory === null) continue;
    const months = listNames(directory).filter((name) => /^\d{4}-\d{2}$/.test(name));
    for (const month of months) findDirectory(directory, month);
  }
}
