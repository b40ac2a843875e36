import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { VibeopsError } from "../errors.ts";
import type { Context } from "./context.ts";
import { lstatOrNull, readIfExists, replaceUnsynced } from "./files.ts";

/** What tells one state of some files from every other: the system changes a file's ctime with each change to it. */
export interface Stamp {
  readonly text: string;
  /** When the newest of them changed, in milliseconds. */
  readonly newest: number;
}

export function stampOf(...paths: readonly string[]): Stamp {
  let text = "";
  let newest = 0;
  for (const path of paths) {
    const stats = lstatOrNull(path);
    if (stats === null) text += "-;";
    else {
      text += `${stats.ino},${stats.size},${stats.ctimeMs};`;
      newest = Math.max(newest, stats.ctimeMs);
    }
  }
  return { text, newest };
}

/**
 * As {@link stampOf}, for a folder with these names in it; as short for many as for few. Whatever changes a file makes
 * its ctime the newest, and whatever adds, removes or renames one changes the folder's.
 */
export function stampOfFolder(directory: string, names: readonly string[]): Stamp {
  let { text, newest } = stampOf(directory);
  let sizes = 0;
  let times = 0;
  for (const name of names) {
    const stats = lstatOrNull(`${directory}/${name}`);
    if (stats === null) continue;
    sizes += stats.size;
    times += stats.ctimeMs;
    newest = Math.max(newest, stats.ctimeMs);
  }
  text += `${names.length},${sizes},${times},${newest}`;
  return { text, newest };
}

/** Two changes within one tick of the file system's clock have the same ctime, so what is as new is not kept. */
const TICK_MS = 2_000;
const MAX_BYTES = 64 * 1024 * 1024;

type Kept = readonly [stamp: string, fact: unknown];

/**
 * Facts that were made of files, kept between runs, each for as long as those files are what they were. Deleting the
 * cache, or writing nonsense into it, costs time and nothing else; a fact is still checked by whoever wants it.
 */
export class FactCache {
  readonly #file: string;
  readonly #version: string;
  readonly #now: number;
  readonly #kept: Readonly<Record<string, unknown>>;
  readonly #new = new Map<string, Kept>();
  readonly #used = new Set<string>();

  /** @param version of whoever makes the facts: those of another one are not believed */
  constructor(file: string, version: string, context: Pick<Context, "now">) {
    this.#file = file;
    this.#version = version;
    this.#now = context.now().getTime();
    this.#kept = readKept(file, version);
  }

  /** The fact about these files; undefined where there is none, or it is not what `isFact` wants. */
  find<T>(key: string, stamp: Stamp, isFact: (value: unknown) => value is T): T | undefined {
    const kept = this.#kept[key];
    if (!Array.isArray(kept) || kept[0] !== stamp.text) return undefined;
    const fact: unknown = kept[1];
    if (!isFact(fact)) return undefined;
    this.#used.add(key);
    return fact;
  }

  /** `fact` must survive JSON. The stamp is taken before the files are read. */
  keep(key: string, stamp: Stamp, fact: unknown): void {
    if (stamp.newest > this.#now - TICK_MS) return;
    this.#new.set(key, [stamp.text, fact]);
  }

  /**
   * Writes what is new. A cache that cannot be written is none. `all`: what nobody asked for this time is dropped;
   * `atLeast`: fewer changes are not worth it.
   */
  save(options: { all: boolean; atLeast?: number }): void {
    const known = Object.keys(this.#kept).length;
    const dropped = options.all ? known - this.#used.size : 0;
    if (this.#new.size + dropped < (options.atLeast ?? 1)) return;
    const old = Object.entries(this.#kept).filter(([key]) => !options.all || this.#used.has(key));
    const facts = { ...Object.fromEntries(old), ...Object.fromEntries(this.#new) };
    try {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
      replaceUnsynced(this.#file, Buffer.from(JSON.stringify({ version: this.#version, facts })), 0o600);
    } catch (error) {
      if (!isSystem(error)) throw error;
    }
  }
}

function isSystem(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).syscall !== undefined;
}

function readKept(file: string, version: string): Readonly<Record<string, unknown>> {
  try {
    const bytes = readIfExists(file, { maxBytes: MAX_BYTES });
    const value: unknown = bytes === null ? null : JSON.parse(bytes.toString("utf8"));
    if (isMap(value) && value.version === version && isMap(value.facts)) return value.facts;
    return {};
  } catch (error) {
    if (error instanceof VibeopsError || error instanceof SyntaxError || isSystem(error)) return {};
    throw error;
  }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
