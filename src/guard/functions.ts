import type { SyntaxNode } from "unbash";
import type { Stdin } from "./call.ts";
import type { Folder } from "./scope.ts";

/** Calls that are judged for one command line, each anew. */
export const maxCalls = 300;

/** What a function does depends on where and with what it is called, so its body is judged there. */
export interface ShellFunction {
  readonly body: SyntaxNode;
  /** Where it is defined. */
  readonly folder: string | null;
  /** `$1` and its like stay in it as the call gives them. */
  readonly keepsArguments: boolean;
  isCalled: boolean;
  /** How many of its calls are being judged now, one in the other. */
  active: number;
  /** Judges one call; the folder is left where the body leaves it. */
  readonly judgeCall: (given: readonly string[], folder: Folder, stdin: Stdin) => void;
}

const changesArguments = /\b(set|shift|eval|source)\b|(^|[\s;&|])\.\s/;
/** The same of a word that is resolved. */
const changers = /^(set|shift|eval|source|\.)$/;

/** Whether the text of a body says that it gives itself other arguments. */
export function keepsArguments(text: string): boolean {
  return !changesArguments.test(text);
}

/** Whether a command in a body changes its arguments although its text did not say so. */
export function hidesChange(words: readonly string[]): boolean {
  return words.some((word) => changers.test(word));
}
