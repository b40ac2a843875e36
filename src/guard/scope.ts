import type { ShellFunction } from "./functions.ts";

/** Where relative paths start; null when it is not known any more. */
export interface Folder {
  path: string | null;
}

/** What the shell knows at one point of the script. Changes made in a scope are taken back at its end. */
export class Scope {
  readonly folder: Folder;
  /** By name; one that is defined twice may be either. */
  readonly functions: Map<string, readonly ShellFunction[]>;
  readonly #defined = new Map<string, number>();
  readonly #undo: (() => void)[] = [];

  constructor(folder: Folder, functions: ReadonlyMap<string, readonly ShellFunction[]>) {
    this.folder = folder;
    this.functions = new Map(functions);
  }

  /** The variable surely has one of its assigned values after `position`. */
  define(name: string, position: number): void {
    if (this.#defined.has(name)) return;
    this.#defined.set(name, position);
    this.#undo.push(() => this.#defined.delete(name));
  }

  isDefined(name: string, before: number): boolean {
    return (this.#defined.get(name) ?? Number.POSITIVE_INFINITY) <= before;
  }

  addFunction(name: string, added: ShellFunction): void {
    const before = this.functions.get(name);
    this.functions.set(name, [...(before ?? []), added]);
    this.#undo.push(() => {
      if (before === undefined) this.functions.delete(name);
      else this.functions.set(name, before);
    });
  }

  /** For a process of its own: nothing that happens in it comes back. */
  isolate(act: () => void): void {
    const { path } = this.folder;
    this.maybe(act);
    this.folder.path = path;
  }

  /** For what may not happen: what it defines is not certain, but a folder that it changes stays changed. */
  maybe(act: () => void): void {
    const mark = this.#undo.length;
    act();
    while (this.#undo.length > mark) this.#undo.pop()?.();
  }
}
