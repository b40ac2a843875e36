/** Where a name could be git's at all: most are told apart by their first character. */
const MAY_BE = /^[.g\p{Default_Ignorable_Code_Point}\p{Cf}]/iu;

/** Whether git, or a file system that it may be cloned to, takes this part of a path for its own folder. */
export function isGitFolderName(name: string): boolean {
  return MAY_BE.test(name) && /^(?:\.git|git~1)$/.test(plainName(name));
}

/** As {@link isGitFolderName}, or for a file that tells git what to do. */
export function isGitName(name: string): boolean {
  if (!MAY_BE.test(name)) return false;
  return /^(?:\.git(?:attributes|modules|ignore)?|git~\d|gi[0-9a-f]{4}~\d)$/.test(plainName(name));
}

/** As file systems find it that pass over case, characters without width, dots and blanks at the end, and streams. */
function plainName(name: string): string {
  return name
    .normalize("NFKC")
    .replace(/[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu, "")
    .replace(/:.*$/s, "")
    .replace(/[. ]+$/, "")
    .toLowerCase();
}
