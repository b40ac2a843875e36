import type { Instruction } from "dockerfile-ast";
import { interpolate } from "../interpolate.ts";

/** A text with its variables put in. The note says whose default was taken. */
export interface Expanded {
  readonly text: string;
  readonly note: string;
}

/**
 * The variables of a stage from its first line on: each line sees what was set above it. What ENV sets no ARG takes
 * away; an argument above the first FROM counts in FROM, and in a stage where an ARG asks for it.
 */
export class DockerVariables {
  readonly #values = new Map<string, string>();
  /** Build arguments whose value is only a default. */
  readonly #defaults = new Set<string>();
  readonly #fromEnv = new Set<string>();
  readonly #args: ReadonlyMap<string, string>;
  readonly #above: DockerVariables | null;

  /**
   * @param args build arguments that somebody sets: they stand instead of the defaults
   * @param above what stands above the first FROM; null for that itself
   */
  constructor(args: ReadonlyMap<string, string>, above: DockerVariables | null = null) {
    this.#args = args;
    this.#above = above;
  }

  /** Takes what an ARG or ENV sets; other instructions set nothing. */
  assign(instruction: Instruction): void {
    const keyword = instruction.getKeyword();
    if (keyword === "ARG") for (const [name, value] of readPairs(instruction)) this.#declare(name, value);
    else if (keyword === "ENV")
      for (const [name, value] of readVariables(instruction)) this.#set(name, value);
  }

  /** Undefined where a variable of it is not known. */
  expand(text: string): Expanded | undefined {
    const { text: expanded, defaults, variables } = interpolate(text, this.#values);
    if (expanded === null) return undefined;
    const taken = variables.map(({ name }) => name).filter((name) => this.#defaults.has(name));
    const names = [...new Set([...defaults, ...taken])];
    return { text: expanded, note: names.length === 0 ? "" : ` (default of ${names.join(", ")})` };
  }

  #declare(name: string, stated: string | undefined): void {
    if (this.#fromEnv.has(name)) return;
    const given = this.#args.get(name);
    const own = stated === undefined ? undefined : this.expand(stated)?.text;
    const above = this.#above === null ? undefined : this.#above.#values.get(name);
    const value = given ?? own ?? above;
    if (value === undefined) return;
    this.#values.set(name, value);
    if (given === undefined) this.#defaults.add(name);
    else this.#defaults.delete(name);
  }

  #set(name: string, stated: string | undefined): void {
    this.#fromEnv.add(name);
    const value = stated === undefined ? undefined : this.expand(stated)?.text;
    if (value === undefined) this.#values.delete(name);
    else this.#values.set(name, value);
    this.#defaults.delete(name);
  }
}

type Pair = readonly [name: string, value: string | undefined];

/** `NAME=value` or `NAME`, as many as there are. */
function readPairs(instruction: Instruction): Pair[] {
  return instruction.getArguments().map((argument) => {
    const [name = "", ...rest] = argument.getValue().split("=");
    return [name, rest.length === 0 ? undefined : withoutQuotes(rest.join("="))];
  });
}

/** As above, and the older `ENV NAME value of many words`. */
function readVariables(instruction: Instruction): Pair[] {
  const content = instruction.getRawArgumentsContent() ?? "";
  const [, name, value] = /^([^\s=]+)\s+(\S[\s\S]*)$/.exec(content) ?? [];
  return name === undefined ? readPairs(instruction) : [[name, withoutQuotes((value ?? "").trimEnd())]];
}

function withoutQuotes(text: string): string {
  return text.replaceAll(/^["']|["']$/g, "");
}
