import {
  type AndOr,
  type Command,
  forEachChild,
  type ParsedScript,
  type Pipeline,
  parse,
  type Redirection,
  type SyntaxNode,
} from "unbash";
import { LineIndex } from "../text/lines.ts";
import { Assignments } from "./assignments.ts";
import type { Stdin, World } from "./call.ts";
import { judgeCommand } from "./command.ts";
import { CommandReader } from "./command-reader.ts";
import { constantOutput } from "./constant-output.ts";
import {
  evaluatesVariables,
  expandsPrompt,
  holdsSubstitution,
  parseSubstitutions,
  subscriptTexts,
} from "./evaluation.ts";
import { FunctionCalls } from "./function-calls.ts";
import { hidesChange, type ShellFunction } from "./functions.ts";
import { virtualRoot } from "./paths.ts";
import { judgeReplacing } from "./programs/vibeops.ts";
import { judgeRedirection, judgeReverseShell } from "./redirections.ts";
import { type Folder, Scope } from "./scope.ts";
import { Variables } from "./variables.ts";
import { opaque, type Verdict, worst } from "./verdict.ts";
import { makeWorld, type Shared } from "./world.ts";

export interface Located {
  verdict: Verdict;
  /** From 1, in the outermost script. */
  line: number;
}

const maxDepth = 10;
const changesPositional = /\b(set|shift|function|eval|source)\b|\(\s*\)|(^|[\s;&|])\.\s/;
const nothing: Stdin = { kind: "none" };

/** Judges one script: its tree, and through rules whatever its commands would run in turn. */
export class Walk {
  readonly #shared: Shared;
  readonly #depth: number;
  readonly #scope: Scope;
  readonly #variables = new Variables();
  readonly #reader: CommandReader;
  readonly #world: World;
  #evaluates = false;
  #stdin: Stdin = nothing;
  #text = "";
  readonly #functions: FunctionCalls;
  readonly #assignments: Assignments;
  #lines: LineIndex | null = null;
  #line = 1;
  #found: Located | null = null;

  constructor(
    shared: Shared,
    depth = 0,
    folder?: Folder,
    functions: ReadonlyMap<string, readonly ShellFunction[]> = new Map(),
    outer?: CommandReader,
  ) {
    this.#shared = shared;
    this.#depth = depth;
    const { facts } = shared;
    const start = facts.folder ?? facts.projectRoot ?? virtualRoot;
    this.#scope = new Scope(folder ?? { path: start }, functions);
    this.#reader = new CommandReader(this.#variables, this.#scope, outer);
    this.#world = makeWorld({
      shared,
      scope: this.#scope,
      stdin: () => this.#stdin,
      spend: (amount) => this.#spend(amount),
      judgeNested: (text, within, stdin, given) =>
        this.#nested(within, (walk) => walk.judge(text, stdin, given)),
      judgeSubscript: (text) => this.#judgeSubscript(text),
    });
    const common = {
      scope: this.#scope,
      expander: this.#reader.expander,
      report: (verdict: Verdict | null) => this.#report(verdict),
    };
    this.#assignments = new Assignments({
      ...common,
      world: this.#world,
      visitSubscript: (text) => this.#visitSubscript(text),
    });
    this.#functions = new FunctionCalls({
      ...common,
      shared,
      visit: (body) => this.#visit(body),
      visitFor: (stdin, visit) => this.#visitApart(stdin, visit),
    });
  }

  /** The worst that the script does, null when all of it is local. Throws RangeError when nested too deeply. */
  judge(text: string, stdin: Stdin = nothing, given: readonly string[] = []): Located | null {
    if (!changesPositional.test(text)) this.#reader.expander.positional = given;
    this.#lines = new LineIndex(text);
    this.#text = text;
    this.#assignments.read(text);
    return this.#judgeTree(parse(text), stdin);
  }

  /** The same for the substitutions in a text that is otherwise data. */
  judgeSubstitutions(text: string): Located | null {
    return this.#judgeTree(parseSubstitutions(text), nothing);
  }

  #judgeTree(tree: ParsedScript, stdin: Stdin): Located | null {
    this.#variables.collect(tree);
    this.#stdin = stdin;
    this.#visit(tree);
    this.#functions.visitUncalled();
    if (this.#evaluates)
      for (const text of this.#assignments.dormant) this.#report(this.#judgeSubscript(text));
    return this.#found;
  }

  #report(verdict: Verdict | null): void {
    if (verdict === null) return;
    if (verdict.sends) this.#shared.sent ??= verdict;
    if (worst(this.#found?.verdict ?? null, verdict) !== this.#found?.verdict) {
      this.#found = { verdict, line: this.#line };
    }
  }

  #visit(node: SyntaxNode): void {
    if (evaluatesVariables(node)) this.#evaluates = true;
    switch (node.type) {
      case "Script":
        this.#visitScript(node);
        break;
      case "Command":
        this.#visitCommand(node);
        break;
      case "Pipeline":
        this.#visitPipeline(node);
        break;
      case "AndOr":
        this.#visitList(node);
        break;
      case "Redirected":
        this.#visitRedirected(node);
        break;
      case "Function":
        this.#visitFunction(node);
        break;
      case "CommandExpansion":
      case "ProcessSubstitution":
      case "ArithmeticCommandExpansion":
        this.#visitSubstitution(node);
        break;
      case "Subshell":
      case "Coproc":
        this.#scope.isolate(() => this.#visitChildren(node));
        break;
      case "If":
      case "While":
      case "Case":
      case "Select":
      case "For":
      case "ArithmeticFor":
        this.#visitBranches(node);
        break;
      case "ArithmeticWord":
        // Some shells would run what bash takes for a sum that it cannot read.
        if (/\w\s+\w/.test(node.value)) this.#report(opaque("A sum in it cannot be read.", node.value));
        this.#visitChildren(node);
        break;
      case "ParameterExpansion":
        if (expandsPrompt(node)) this.#report(opaque("Bash runs what the value of @P holds.", node.text));
        this.#visitChildren(node);
        break;
      default:
        for (const text of subscriptTexts(node)) this.#visitSubscript(text);
        this.#visitChildren(node);
    }
  }

  #visitChildren(node: SyntaxNode): void {
    forEachChild(node, (child) => this.#visit(child));
  }

  #visitScript(node: ParsedScript): void {
    if (node.errors && node.errors.length > 0) {
      this.#report(
        opaque(
          "The command is not one that bash and this parser surely read alike.",
          node.errors[0]?.message,
        ),
      );
    }
    this.#visitChildren(node);
  }

  #visitSubstitution(node: SyntaxNode & { script?: ParsedScript | undefined }): void {
    const { script } = node;
    if (script === undefined) {
      this.#report(opaque("A substitution in it could not be read."));
      return;
    }
    const [lines, stdin] = [this.#lines, this.#stdin];
    // Its offsets count in a text of its own, so the line stays that of the command around it.
    if (script.source !== undefined) this.#lines = null;
    this.#scope.isolate(() => this.#visit(script));
    this.#lines = lines;
    this.#stdin = stdin;
  }

  #visitApart(stdin: Stdin, visit: () => void): void {
    const outer = { stdin: this.#stdin, lines: this.#lines };
    this.#stdin = stdin;
    this.#lines = null;
    visit();
    this.#lines = outer.lines;
    this.#stdin = outer.stdin;
  }

  #visitBranches(node: SyntaxNode): void {
    this.#scope.maybe(() => {
      if (node.type === "For" || node.type === "Select") this.#scope.define(node.name.value, node.name.end);
      this.#visitChildren(node);
    });
  }

  #visitFunction(node: Extract<SyntaxNode, { type: "Function" }>): void {
    this.#report(judgeReplacing(node.name.value));
    const text = this.#lines === null ? null : this.#text.slice(node.pos, node.end);
    this.#functions.define(node.name.value, node.body, text);
  }

  /** `a && b` runs b only after a, so what a defines holds in b; after the list only what came first is certain. */
  #visitList(node: AndOr): void {
    const [first, ...rest] = node.commands;
    if (first) this.#visit(first);
    this.#scope.maybe(() => {
      for (const [index, command] of rest.entries()) {
        if (node.operators[index] === "||") this.#scope.maybe(() => this.#visit(command));
        else this.#visit(command);
      }
    });
  }

  #visitPipeline(node: Pipeline): void {
    const only = node.commands.length === 1 ? node.commands[0] : undefined;
    if (only) {
      this.#visit(only);
      return;
    }
    const outer = this.#stdin;
    for (const command of node.commands) {
      this.#scope.isolate(() => this.#visit(command));
      this.#stdin =
        command.type === "Command" ? this.#reader.pipedOutput(command, this.#stdin) : { kind: "unknown" };
    }
    this.#stdin = outer;
  }

  #visitRedirected(node: Extract<SyntaxNode, { type: "Redirected" }>): void {
    const outer = this.#stdin;
    for (const redirect of node.redirects) this.#visitRedirection(redirect);
    this.#stdin = this.#reader.stdinOf(node.redirects, outer);
    this.#visit(node.command);
    this.#stdin = outer;
  }

  #visitRedirection(redirect: Redirection): void {
    this.#visitChildren(redirect);
    if (redirect.type === "HereDoc" || redirect.target === undefined) return;
    const targets = this.#reader.expander.expandWhole(redirect.target);
    if (redirect.type === "Redirect") {
      for (const target of targets) this.#report(judgeRedirection(redirect.operator, target, this.#world));
    }
  }

  #visitCommand(node: Command): void {
    if (this.#lines) this.#line = this.#lines.placeOf(node.pos).line;
    forEachChild(node, (child) => {
      if (child.type !== "Redirect" && child.type !== "HereString" && child.type !== "HereDoc")
        this.#visit(child);
    });
    for (const redirect of node.redirects) this.#visitRedirection(redirect);
    for (const part of node.prefix) if (part.type === "Assignment") this.#assignments.visit(part, node);
    const stdin = this.#reader.stdinOf(node.redirects, this.#stdin);
    const ways = this.#reader.waysOf(node);
    for (const words of ways) this.#judgeWords(words, stdin, node);
    if (ways.length === 1) this.#noteWritten(node, ways[0] ?? [], stdin);
    for (const arg of node.args) if (arg.type === "Assignment") this.#assignments.visit(arg, node);
  }

  /** `cat > file <<END`: what is in the file from now on. */
  #noteWritten({ redirects }: Command, words: readonly string[], stdin: Stdin): void {
    const outputs = redirects.filter(({ operator }) => operator.startsWith(">"));
    const [output] = outputs;
    if (outputs.length !== 1 || output?.type !== "Redirect" || output.target === undefined) return;
    if (output.operator !== ">" || output.descriptor !== undefined) return;
    const text = constantOutput(words, stdin);
    if (text === null) return;
    const [file, ...others] = this.#reader.expander.expandWhole(output.target);
    if (file !== undefined && others.length === 0) this.#world.noteWritten(file, text);
  }

  #judgeWords(words: readonly string[], stdin: Stdin, { redirects }: Command): void {
    const [first = ""] = words;
    const { functions, folder } = this.#scope;
    const { positional, isInCall } = this.#reader.expander;
    if (!this.#spend(words.length)) return;
    this.#report(judgeCommand(words, stdin, this.#world, functions));
    this.#report(judgeReverseShell(first, redirects));
    this.#shared.commands += 1;
    // The text of the script did not say so.
    if (
      isInCall
        ? hidesChange(words)
        : positional.length > 0 && words.some((word) => changesPositional.test(word))
    )
      this.#report(opaque("It hides that it changes its arguments.", first));
    for (const called of functions.get(first) ?? []) called.judgeCall(words.slice(1), folder, stdin);
  }

  #visitSubscript(text: string): void {
    if (holdsSubstitution(text)) this.#report(this.#judgeSubscript(text));
  }

  #spend(amount: number): boolean {
    this.#shared.budget -= amount + 1;
    if (this.#shared.budget < 0) this.#report(opaque("It is too long to be judged."));
    return this.#shared.budget >= 0;
  }

  #judgeSubscript(text: string): Verdict {
    const inner = this.#nested({ path: this.#scope.folder.path }, (walk) => walk.judgeSubstitutions(text));
    return worst(
      opaque("Bash evaluates the text of a subscript although it is quoted.", text),
      inner,
    ) as Verdict;
  }

  #nested(folder: Folder, judge: (walk: Walk) => Located | null): Verdict | null {
    if (this.#depth >= maxDepth) return opaque("Commands are nested too deeply to be judged.");
    if (!this.#spend(1)) return opaque("It is too long to be judged.");
    // What `eval` and `trap` run shares the folder, and so the variables.
    const isHere = folder === this.#scope.folder;
    const outer = isHere ? this.#reader : undefined;
    const walk = new Walk(this.#shared, this.#depth + 1, folder, this.#scope.functions, outer);
    const found = judge(walk);
    if (isHere && walk.#variables.hasAny()) this.#variables.open();
    return found?.verdict ?? null;
  }
}
