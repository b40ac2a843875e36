import { forEachChild, type Assignment, type Command, type SyntaxNode, type Word } from "unbash";

/** One place where a variable gets its value; null when the value is not written in the script. */
type Source = Word | null;

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

  /** Collects from a script and all that is nested in it. */
  collect(root: SyntaxNode): void {
    const visit = (node: SyntaxNode): void => {
      this.#note(node);
      forEachChild(node, visit);
    };
    visit(root);
  }

  /** What is assigned to `name`; null entries and `open` stand for values that are not known. */
  sourcesOf(name: string): { sources: readonly Source[]; open: boolean } {
    return { sources: this.#sources.get(name) ?? [], open: this.#anything };
  }

  #add(name: string, source: Source): void {
    const sources = this.#sources.get(name);
    if (sources) sources.push(source);
    else this.#sources.set(name, [source]);
  }

  #note(node: SyntaxNode): void {
    if (node.type === "Assignment") this.#noteAssignment(node);
    else if (node.type === "For" || node.type === "Select") {
      if (node.wordlist) for (const word of node.wordlist) this.#add(node.name.value, word);
      else this.#add(node.name.value, null);
    } else if (node.type === "ParameterExpansion") {
      if (node.operation?.type === "Default" && node.operation.operator.includes("="))
        this.#add(node.parameter, null);
    } else if (node.type === "ArithmeticBinary" || node.type === "ArithmeticUnary") {
      const target = node.type === "ArithmeticBinary" ? node.left : node.operand;
      if (target.type === "ArithmeticWord") this.#add(target.value, null);
    } else if (node.type === "Command") this.#noteCommand(node);
  }

  #noteAssignment(node: Assignment): void {
    const simple = !node.append && node.index === undefined && node.value.type === "Word";
    this.#add(node.name, simple && node.value.type === "Word" ? node.value : null);
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
