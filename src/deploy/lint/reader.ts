import { existsSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { VibeopsError } from "../../errors.ts";
import { readRegularFile } from "../../platform/files.ts";
import { isWithin } from "../../platform/work-trees.ts";
import { tryDecodeText } from "../../text/decode.ts";
import type { Spot } from "./rule.ts";
import { Source } from "./source.ts";

/** A file's text, or why there is none. */
export type Read = { readonly source: Source } | { readonly problem: ReadProblem };

interface ReadProblem {
  readonly message: string;
  readonly fix: string;
}

/** Reads files once each. What a file refers to is read only inside `root`, the tree that it belongs to. */
export class Reader {
  readonly #maxBytes: number;
  readonly #read = new Map<string, Read>();

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Never throws for what stands in the file; a missing file is a problem too. */
  read(path: string): Read {
    const known = this.#read.get(path);
    const read = known ?? this.#readNow(path);
    this.#read.set(path, read);
    return read;
  }

  /** A file that another one names, relative to it. @returns null where it lies outside of the tree, or behind a link */
  find(from: Spot, name: string): string | null {
    const folder = dirname(from.source.path);
    const path = isAbsolute(name) ? name : resolve(folder, name);
    const root = treeOf(folder);
    if (!isWithin(path, root)) return null;
    const parent = dirname(path);
    return existsSync(parent) && !isWithin(realpathSync(parent), realpathSync(root)) ? null : path;
  }

  #readNow(path: string): Read {
    try {
      const bytes = readRegularFile(path, { maxBytes: this.#maxBytes, severalNames: true });
      const text = bytes.includes(0) ? null : tryDecodeText(bytes);
      if (text !== null) return { source: new Source(path, text) };
      return { problem: { message: "this is no UTF-8 text", fix: "save it as UTF-8, or leave it out" } };
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
