import type { Io } from "./io.ts";
import type { Outcome } from "./outcome.ts";

/** Values of flags by their long name in camel case, as commander gives them. */
export type Options = Readonly<Record<string, unknown>>;

type RunCommand = (io: Io, args: readonly string[], options: Options) => Promise<Outcome>;

/** One flag: commander's notation, what it means, and for repeatable ones that it collects. */
export interface Flag {
  flags: string;
  summary: string;
  repeatable?: boolean;
}

/** A command as data, so that help is complete without loading what the command needs. */
export interface CommandSpec {
  /** Words and arguments: `memo new <subject>`. */
  usage: string;
  summary: string;
  flags?: readonly Flag[];
  /** Its standard output is another program's protocol: there is no `--json`, which would stand in its way. */
  isProtocol?: boolean;
  /** Lines that a person could type. */
  examples: readonly string[];
  load: () => Promise<RunCommand>;
}

export function textOption(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}

export function listOption(options: Options, name: string): string[] {
  const value = options[name];
  return Array.isArray(value) ? value.map(String) : [];
}

export function flagOption(options: Options, name: string): boolean {
  return options[name] === true;
}
