import type { Assignment, Command } from "unbash";
import type { World } from "./call.ts";
import { judgeEnvironment, judgeGiven } from "./environment.ts";
import { holdsSubstitution } from "./evaluation.ts";
import type { Expander } from "./expand.ts";
import type { Scope } from "./scope.ts";
import { opaque, type Verdict } from "./verdict.ts";

/** The walk over the script that the assignments stand in. */
interface Ground {
  scope: Scope;
  world: World;
  expander: Expander;
  report(verdict: Verdict | null): void;
  visitSubscript(text: string): void;
}

/** Builtins that pass no environment on. */
const startsNothing = /^(echo|printf|true|false|pwd|:)$/;
/** What IFS may be without hiding where words end. */
const plainSeparator = /^(\$?['"]?(\\[nt]| )*['"]?)$/;

/** What a script gives to its variables, and with them to the programs that it starts. */
export class Assignments {
  /** Values that hold substitutions; harmless as long as nothing evaluates them. */
  readonly dormant = new Set<string>();
  readonly #ground: Ground;
  /** What is assigned anywhere in it may be given to the programs that it starts. */
  #exports = false;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  read(script: string): void {
    this.#exports = /\bexport\b|\bset\s+-\w*a|\ballexport\b/.test(script);
  }

  visit(node: Assignment, command: Command): void {
    const { scope, world, expander, report, visitSubscript } = this.#ground;
    const { value, name, index } = node;
    if (index) visitSubscript(index.value);
    const words = value.type === "ArrayValue" ? value.elements : [value];
    const isBare = command.name === undefined;
    const judge = this.#isSeen(command) ? judgeGiven : judgeEnvironment;
    for (const text of words.flatMap((word) => expander.expandWhole(word))) {
      if (holdsSubstitution(text)) this.dormant.add(text);
      if (value.type === "Word") report(judge(name, text, world));
    }
    if (isBare && name === "IFS" && !plainSeparator.test(value.type === "Word" ? value.text : "("))
      report(opaque("IFS changes how the words after it are split.", "IFS"));
    if (isBare || command.args.includes(node)) scope.define(name, node.end);
  }

  /** Whether a program that is started sees what is assigned here. */
  #isSeen({ name }: Command): boolean {
    return this.#exports || !(name === undefined || startsNothing.test(name.value));
  }
}
