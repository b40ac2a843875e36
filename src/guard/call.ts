import type { GuardFacts } from "./facts.ts";
import type { Verdict } from "./verdict.ts";

/**
 * What a command would read on its standard input: `names` is a list of files, one on a line, each like one of `like`;
 * `unknown` is what is in `file`, where that is named.
 */
export type Stdin =
  | { kind: "none" }
  | { kind: "text"; text: string }
  | { kind: "names"; like: readonly string[] }
  | { kind: "unknown"; file?: string };

/** What a rule may ask of the walk: to judge what it has unwrapped, and to note what it has seen. */
export interface World {
  facts: GuardFacts;
  /** Words of a command that will run. */
  judgeWords(words: readonly string[], stdin: Stdin): Verdict | null;
  /** Text that a shell will run; `given` is what it has for `$1` and its like. */
  judgeScript(text: string, stdin: Stdin, given?: readonly string[]): Verdict | null;
  /** Text that will be run in the shell that is running now, as `eval` does. */
  judgeHere(text: string): Verdict | null;
  /** The same for what it runs at any time from now on, as `trap` does. */
  judgeLater(text: string): Verdict | null;
  /** Substitutions in text that bash evaluates although it was quoted, as in `test -v 'a[$(id)]'`. */
  judgeSubscript(text: string): Verdict | null;
  /** Null when the file lies in the project or a temporary folder and is not one that the guard protects. */
  judgeWrite(path: string): Verdict | null;
  /** The same for a word that may be a path or none: null unless it names a file that the guard protects. */
  judgeNamed(word: string): Verdict | null;
  /** The shell writes a text that is known into a file. */
  noteWritten(path: string, text: string): void;
  /** All that a file may hold when the command reads it; null when that is not known, undefined without a disk to ask. */
  textsIn(path: string): readonly string[] | null | undefined;
  judgeAssignment(name: string, value: string): Verdict | null;
  /** The command runs in the project's folder or below it. */
  isInProject(): boolean;
  /** Null unless what is to run later does something else there. */
  changeFolder(path: string | null): Verdict | null;
  noteSecret(): void;
}

/** One simple command, its words resolved. */
export interface Call {
  /** Without its folder. */
  name: string;
  args: readonly string[];
  stdin: Stdin;
  world: World;
}

/** Null: proven local. */
export type Judge = (call: Call) => Verdict | null;

/** By program name; a key may hold several, separated by white space. */
export type Rules = Readonly<Record<string, Judge>>;
