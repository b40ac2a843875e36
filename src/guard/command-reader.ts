import type { Assignment, Command, ParsedScript, Redirection } from "unbash";
import type { Stdin } from "./call.ts";
import { constantOutput, outputMarker, printedNames } from "./constant-output.ts";
import { Expander } from "./expand.ts";
import type { Fields } from "./fields.ts";
import { UNKNOWN } from "./markers.ts";
import type { Scope } from "./scope.ts";
import type { Variables } from "./variables.ts";

const maxCombinations = 48;

/** What the tree says about a command before it runs: its words, what it reads, what it will print. */
export class CommandReader {
  readonly expander: Expander;

  /** `outer` reads the script that runs this one in its own shell. */
  constructor(variables: Variables, scope: Scope, outer?: CommandReader) {
    this.expander = new Expander(
      variables,
      (name, position) => scope.isDefined(name, position),
      (script) => this.#outputOf(script),
      outer?.expander,
    );
  }

  /** What it reads, after its redirections. */
  stdinOf(redirects: readonly Redirection[], outer: Stdin): Stdin {
    let stdin = outer;
    for (const redirect of redirects) {
      if (redirect.type === "Redirect") {
        if (redirect.operator.startsWith("<")) stdin = this.#fileText(redirect);
        continue;
      }
      const texts = this.#hereText(redirect);
      stdin = texts.length === 1 ? { kind: "text", text: texts[0] ?? "" } : { kind: "unknown" };
    }
    return stdin;
  }

  #fileText({ operator, target }: Extract<Redirection, { type: "Redirect" }>): Stdin {
    if (target?.value === "/dev/null") return { kind: "none" };
    const [file, ...others] = target && operator === "<" ? this.expander.expandWhole(target) : [];
    return file === undefined || others.length > 0 ? { kind: "unknown" } : { kind: "unknown", file };
  }

  #hereText(redirect: Exclude<Redirection, { type: "Redirect" }>): readonly string[] {
    if (redirect.type === "HereString") {
      return redirect.target ? this.expander.expandWhole(redirect.target).map((text) => `${text}\n`) : [];
    }
    const { body, operator, delimiter } = redirect;
    const indent = operator === "<<-" ? /^\t+/gm : /(?!)/g;
    if (delimiter?.quoted || body.parts === undefined) return [body.text.replace(indent, "")];
    return this.expander.expandParts(body.parts).map((text) => text.replace(indent, ""));
  }

  /** All ways in which the command's words can turn out, as far as they are worth telling apart. */
  waysOf(node: Command): readonly Fields[] {
    if (node.name === undefined) return [];
    const words: (readonly Fields[])[] = [this.expander.expand(node.name)];
    for (const arg of node.args) {
      words.push(arg.type === "Word" ? this.expander.expand(arg) : this.#assignmentWays(arg));
    }
    let ways: string[][] = [[]];
    for (const choices of words) {
      const taken = ways.length * choices.length > maxCombinations ? [[UNKNOWN]] : choices;
      if (taken.length === 1) for (const way of ways) way.push(...(taken[0] ?? []));
      else ways = ways.flatMap((way) => taken.map((choice) => [...way, ...choice]));
    }
    return ways;
  }

  #assignmentWays(node: Assignment): readonly Fields[] {
    if (node.value.type !== "Word") return [[`${node.name}=`]];
    return this.expander.expandWhole(node.value).map((text) => [`${node.name}=${text}`]);
  }

  /** What the next command of a pipeline reads. */
  pipedOutput(node: Command, outer: Stdin): Stdin {
    const stdin = this.stdinOf(node.redirects, outer);
    const [words, ...others] = this.waysOf(node);
    if (words === undefined || others.length > 0) return { kind: "unknown" };
    const text = constantOutput(words, stdin);
    if (text !== null) return { kind: "text", text };
    const [name, file, ...more] = words;
    if (name === "cat" && file !== undefined && more.length === 0) return { kind: "unknown", file };
    const like = printedNames(words, stdin);
    return like === null ? { kind: "unknown" } : { kind: "names", like };
  }

  #outputOf(script: ParsedScript): string {
    const [statement, ...others] = script.commands;
    if (statement === undefined || others.length > 0) return UNKNOWN;
    const { command } = statement;
    if (command.type === "Pipeline") {
      const last = command.commands.at(-1);
      const words = last?.type === "Command" ? this.waysOf(last)[0] : undefined;
      return words ? outputMarker(words) : UNKNOWN;
    }
    if (command.type !== "Command") return UNKNOWN;
    const [words, ...ways] = this.waysOf(command);
    if (words === undefined || ways.length > 0) return UNKNOWN;
    const text = constantOutput(words, this.stdinOf(command.redirects, { kind: "unknown" }));
    return text === null ? outputMarker(words) : text.replace(/\n+$/, "");
  }
}
