import { realpathSync } from "node:fs";

/** A person's own settings may lie elsewhere, as with those who keep their dot files in a repository. */
export function settingsTarget(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
