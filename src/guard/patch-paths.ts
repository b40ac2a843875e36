/**
 * The files that a patch in Codex's form would write: added, updated, deleted, and where one is moved to. Null where a
 * line that begins like a header is none that we know, or there is none at all: then nobody can say what it writes.
 */
export function readPatchPaths(patch: string): string[] | null {
  const paths: string[] = [];
  for (const line of patch.split(/\r?\n/)) {
    const text = line.trim();
    if (!text.startsWith("***")) continue;
    const header = /^\*\*\* (?:Add File|Update File|Delete File|Move to): (.+)$/.exec(text);
    if (header?.[1] !== undefined) paths.push(header[1]);
    else if (!/^\*\*\* (?:Begin Patch|End Patch|End of File|Environment ID: .*)$/.test(text)) return null;
  }
  return paths.length > 0 ? paths : null;
}
