import {
  type ArithmeticExpression,
  type Assignment,
  type Command,
  forEachChild,
  type SyntaxNode,
  type Word,
} from "unbash";

/** One place where a variable gets its value; null when the value is not written in the script. */
export type Source = { word: Word /** A loop takes the words one by one. */; each: boolean } | null;

const maxNesting = 16;

const setsByName = new Set(
  "read mapfile readarray getopts unset printf wait let declare typeset local readonly export".split(" "),
);
const runsHere = new Set(["eval", "source"]);

/**
 * Every value that a variable may have in one script: the union over all assignments in the text, whatever
 * their order, so that loops, functions and branches need no simulation.
 */
export class Variables {
  readonly #sources = new Map<string, Source[]>();
  /** Some assignment's name is not known, or code that we did not see may assign. */
  #anything = false;

  /**
   * Collects from a script and all that is nested in it. Throws RangeError where expansions are nested deeper than
   * any person writes them: the parser reads each level anew.
   */
  collect(root: SyntaxNode): void {
    let depth = 0;
    const visit = (node: SyntaxNode): void => {
      const isNested = node.type.endsWith("Expansion") || node.type === "ProcessSubstitution";
      if (isNested) depth += 1;
      if (depth > maxNesting) throw new RangeError("expansions are nested too deeply");
      this.#note(node);
      forEachChild(node, visit);
      if (isNested) depth -= 1;
    };
    visit(root);
  }

  /** What is assigned to `name`; null entries and `open` stand for values that are not known. */
  sourcesOf(name: string): { sources: readonly Source[]; open: boolean } {
    return { sources: this.#sources.get(name) ?? [], open: this.#anything };
  }

  /** Something is assigned in the script. */
  hasAny(): boolean {
    return this.#anything || this.#sources.size > 0;
  }

  /** From here on a code that we do not see may assign. */
  open(): void {
    this.#anything = true;
  }

  #add(name: string, source: Source): void {
    const sources = this.#sources.get(name);
    if (sources) sources.push(source);
    else this.#sources.set(name, [source]);
  }

  #note(node: SyntaxNode): void {
    switch (node.type) {
      case "Assignment":
        this.#noteAssignment(node);
        break;
      case "Command":
        this.#noteCommand(node);
        break;
      case "For":
      case "Select":
        for (const word of node.wordlist ?? []) this.#add(node.name.value, { word, each: true });
        if (node.wordlist === undefined) this.#add(node.name.value, null);
        break;
      case "ParameterExpansion":
        if (node.operation?.type === "Default" && node.operation.operator.includes("=")) {
          this.#add(node.parameter, null);
        }
        break;
      case "ArithmeticBinary":
        this.#noteArithmetic(node.left);
        break;
      case "ArithmeticUnary":
        this.#noteArithmetic(node.operand);
        break;
    }
  }

  #noteArithmetic(target: ArithmeticExpression): void {
    if (target.type === "ArithmeticWord") this.#add(target.value, null);
  }

  #noteAssignment(node: Assignment): void {
    const { value } = node;
    const isSimple = !node.append && node.index === undefined && value.type === "Word";
    this.#add(node.name, isSimple ? { word: value, each: false } : null);
  }

  #noteCommand(node: Command): void {
    if (node.name === undefined) return;
    const words = [node.name, ...node.args];
    if (node.name.value === "." || words.some((word) => word.type === "Word" && runsHere.has(word.value)))
      this.#anything = true;
    if (!words.some((word) => word.type === "Word" && setsByName.has(word.value))) return;
    const name = node.name.value;
    if (/^(declare|typeset|local)$/.test(name) && words.some((word) => isNameReference(word)))
      this.#anything = true;
    for (const word of node.args) if (word.type === "Word") this.#noteName(name, word, words);
  }

  /** A word that one of the builtins above takes for the name of a variable. */
  #noteName(builtin: string, word: Word, words: readonly (Word | Assignment)[]): void {
    const isPlainPrintf = builtin === "printf" && !words.some((other) => isText(other, "-v"));
    if (isPlainPrintf) return;
    if (word.parts?.some((part) => isExpansion(part.type) || hasExpansion(part))) this.#anything = true;
    const name = /^[A-Za-z_]\w*/.exec(word.value)?.[0];
    // `export X` and `readonly X` leave the value as it is.
    if (name !== undefined && !/^(export|readonly)$/.test(builtin)) this.#add(name, null);
  }
}

function isText(word: Word | Assignment, text: string): boolean {
  return word.type === "Word" && word.value.startsWith(text);
}

function isNameReference(word: Word | Assignment): boolean {
  return word.type === "Word" && /^-\w*n/.test(word.value);
}

function isExpansion(type: string): boolean {
  return type.endsWith("Expansion") && type !== "BraceExpansion";
}

function hasExpansion(part: { type: string; parts?: unknown }): boolean {
  const { parts } = part as { parts?: readonly { type: string }[] };
  return part.type === "DoubleQuoted" && (parts?.some((child) => isExpansion(child.type)) ?? false);
}
