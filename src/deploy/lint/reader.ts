import { existsSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { VibeopsError } from "../../errors.ts";
import { readRegularFile } from "../../platform/files.ts";
import { isWithin } from "../../platform/work-trees.ts";
import { decodeForeignText, firstWrongLine } from "../../text/decode.ts";
import type { Spot } from "./rule.ts";
import { Source } from "./source.ts";

/** What is longer than that nobody reviews. */
const MAX_CONFIGURATION_BYTES = 1024 * 1024;

/** A file's text, or why there is none. */
export type Read = { readonly source: Source } | { readonly problem: ReadProblem };

interface ReadProblem {
  readonly message: string;
  readonly fix: string;
  /** Where it begins, as far as there are lines. */
  readonly line?: number;
}

/** Reads files once each. What a file refers to is read only inside `root`, the tree that it belongs to. */
export class Reader {
  readonly #maxBytes: number;
  readonly #read = new Map<string, Read>();

  constructor(maxBytes = MAX_CONFIGURATION_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** Never throws for what stands in the file; a missing file is a problem too. */
  read(path: string): Read {
    const known = this.#read.get(path);
    const read = known ?? this.#readNow(path);
    this.#read.set(path, read);
    return read;
  }

  /** A file that another one names, relative to it; null as for {@link resolve}. */
  find(from: Spot, name: string): string | null {
    return this.resolve(dirname(from.source.path), name);
  }

  /** A name as a file in `folder` uses it. @returns null where it lies outside of the tree, or behind a link */
  resolve(folder: string, name: string): string | null {
    const path = isAbsolute(name) ? name : resolve(folder, name);
    const root = treeOf(folder);
    if (!isWithin(path, root)) return null;
    const parent = dirname(path);
    return existsSync(parent) && !isWithin(realpathSync(parent), realpathSync(root)) ? null : path;
  }

  #readNow(path: string): Read {
    try {
      const bytes = readRegularFile(path, { maxBytes: this.#maxBytes, severalNames: true });
      const text = decodeForeignText(bytes);
      const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
      if (text !== null && !text.includes("\0"))
        return { source: new Source(path, hasMark ? `\uFEFF${text}` : text) };
      const fix = "save it as UTF-8, or leave it out";
      return { problem: { message: "this is no UTF-8 text", fix, line: firstWrongLine(bytes) } };
    } catch (error) {
      if (!(error instanceof VibeopsError)) throw error;
      return { problem: { message: error.message, fix: error.fix ?? "name another file" } };
    }
  }
}

/** The work tree around a folder, or the folder itself. */
function treeOf(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, ".git")) || existsSync(join(at, "vibeops.yaml"))) return at;
    if (dirname(at) === at) return folder;
  }
}
