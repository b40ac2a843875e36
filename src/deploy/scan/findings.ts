import { VibeopsError } from "../../errors.ts";
import type { Finding } from "../../text/finding.ts";
import type { Place } from "./fact.ts";

const MAX_FINDINGS = 1_000;

/** What is wrong in the files that were read, each thing once. */
export class Findings {
  readonly list: Finding[] = [];
  readonly #seen = new Set<string>();

  add(rule: string, level: Finding["level"], message: string, place: Place, fix?: string): void {
    const key = `${rule}\0${place.file}\0${place.line}\0${message}`;
    if (this.#seen.has(key) || this.list.length >= MAX_FINDINGS) return;
    this.#seen.add(key);
    this.list.push({
      rule,
      level,
      message,
      file: place.file,
      line: Math.max(1, place.line),
      ...(fix === undefined ? {} : { fix }),
    });
  }

  /** That of so many files only the first ones are read; at the first that is not. */
  tellRest(paths: readonly string[], most: number, what: string): void {
    const file = paths[most];
    if (file === undefined) return;
    const message = `more than ${most} ${what}; this and further ones were not read`;
    this.add("scan.files", "warning", message, { file, line: 1 });
  }

  /** What `read` gives; null, with a finding, where it says that the file cannot be used. */
  attempt<T>(file: string, read: () => T): T | null {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof VibeopsError)) throw error;
      this.add(error.code, "error", error.message, { file, line: error.line ?? 1 }, error.fix);
      return null;
    }
  }
}
