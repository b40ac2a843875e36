import { join, posix } from "node:path";
import { VibeopsError } from "../../errors.ts";
import { readRegularFile } from "../../platform/files.ts";
import { findDirectory } from "../../platform/folders.ts";
import { decodeForeignText, firstWrongLine } from "../../text/decode.ts";
import { findSecrets } from "../../text/secrets.ts";
import type { Place } from "./fact.ts";
import type { Findings } from "./findings.ts";

/** A manifest that is longer than this was not written by a person, and is not read. */
const MAX_FILE_BYTES = 1024 * 1024;
const MAX_FILES = 600;
const MAX_TOTAL_BYTES = 24 * 1024 * 1024;

/** The files of a scanned folder: which there are, and the text of those that matter, never from outside of it. */
export class RepositoryFiles {
  readonly root: string;
  readonly paths: readonly string[];
  /** Values that look like secrets, wherever one stood: nothing that is told may hold one. */
  readonly secrets = new Set<string>();
  readonly #known: Set<string>;
  readonly #texts = new Map<string, string | null>();
  readonly #findings: Findings;
  #bytes = 0;

  constructor(root: string, paths: readonly string[], findings: Findings) {
    this.root = root;
    this.paths = paths;
    this.#known = new Set(paths);
    this.#findings = findings;
  }

  has(path: string): boolean {
    return this.#known.has(path);
  }

  /** Listed paths with one of these names in the folder itself, in the order of the names. */
  named(...names: readonly string[]): string[] {
    return names.filter((name) => this.#known.has(name));
  }

  /**
   * The text of a file; null where there is none, and where it cannot be used, which is then a finding. Bytes that are
   * no UTF-8, links and whatever is not a regular file are never read as text.
   */
  read(path: string): string | null {
    const known = this.#texts.get(path);
    if (known !== undefined) return known;
    const text = this.#readOnce(path);
    this.#texts.set(path, text);
    return text;
  }

  /** As {@link read}, for a path that a file names relative to its own folder; outside of the tree it is refused. */
  readFrom(base: string, name: string, asked: Place): { path: string; text: string | null } | null {
    const path = this.resolve(base, name, asked);
    return path === null ? null : { path, text: this.read(path) };
  }

  /** A path below the scanned folder; null, with a finding, where it leads out of it. */
  resolve(base: string, name: string, asked: Place): string | null {
    const path = this.locate(base, name);
    if (path !== null) return path;
    this.#findings.add("scan.outside", "warning", "this leads out of the folder; it was not read", asked);
    return null;
  }

  /** As {@link resolve}, without a finding. */
  locate(base: string, name: string): string | null {
    const path = posix.normalize(posix.join(base, name.replaceAll("\\", "/")));
    const isOutside = posix.isAbsolute(name) || /^[A-Za-z]:[\\/]/.test(name) || /^~|^\.\.(?:\/|$)/.test(path);
    return isOutside ? null : path.replace(/^\.\/(?=.)/, "");
  }

  #readOnce(path: string): string | null {
    if (this.#texts.size >= MAX_FILES || this.#bytes > MAX_TOTAL_BYTES) {
      const message = "too many files that could matter; this and further ones were not read";
      this.#findings.add("scan.files", "warning", message, { file: path, line: 1 });
      return null;
    }
    const bytes = this.#readBytes(path);
    if (bytes === null) return null;
    this.#bytes += bytes.length;
    return this.#decode(path, bytes);
  }

  #readBytes(path: string): Buffer | null {
    try {
      const folder = findDirectory(this.root, posix.dirname(path));
      if (folder === null) return null;
      const file = join(folder, posix.basename(path));
      return readRegularFile(file, { maxBytes: MAX_FILE_BYTES, severalNames: true });
    } catch (error) {
      if (!(error instanceof VibeopsError)) throw error;
      if (error.code === "file.missing") return null;
      const code = error.code.replace(/^file\./, "scan.");
      this.#findings.add(code, "warning", `${error.message}; it was not read`, { file: path, line: 1 });
      return null;
    }
  }

  #decode(path: string, bytes: Buffer): string | null {
    const text = decodeForeignText(bytes);
    if (text === null || text.includes("\0")) {
      const line = firstWrongLine(bytes);
      const message = "this is no text in UTF-8; it was not read";
      this.#findings.add("scan.binary", "warning", message, { file: path, line });
      return null;
    }
    this.#noteSecrets(path, text);
    return text;
  }

  #noteSecrets(path: string, text: string): void {
    if (/(?:^|\/)(?:package-lock\.json|[\w.-]*\.lock)$/.test(path)) return;
    for (const hit of findSecrets(text)) {
      this.secrets.add(text.slice(hit.start, hit.end));
      const message = `a secret stands here in plain sight (${hit.kind}, ${hit.end - hit.start} characters)`;
      const fix = "take it out, rotate it, and name the variable only";
      this.#findings.add("scan.secret", "warning", message, { file: path, line: hit.line }, fix);
    }
  }
}
