import type { DoubleQuotedChild, ParameterExpansionPart, ParsedScript, Word, WordPart } from "unbash";
import { expandBraces } from "./braces.ts";
import { type Fields, lengthOf, markOne, type Piece, quoted, splitFields } from "./fields.ts";
import { GLOB, hasMarker, PLAIN, UNKNOWN } from "./markers.ts";
import type { Source, Variables } from "./variables.ts";

const maxWays = 16;
const maxLength = 4096;
const maxBraceWords = 64;
const maxBraces = 6;

/** Variables that the shell or the session sets, and that hold no program. */
const knownVariables = new Map([
  ["HOME", "~"],
  ["PWD", "."],
  ["TMPDIR", "/tmp"],
  ["NULL", ""],
]);
const plainVariables =
  /^([?$!#0]|RANDOM|SECONDS|LINENO|UID|EUID|PPID|BASHPID|HOSTNAME|USER|LOGNAME|COLUMNS|LINES|OLDPWD|SHLVL)$/;

/** Turns words of the syntax tree into the texts that the shell would make of them, in all the ways we know. */
export class Expander {
  readonly #variables: Variables;
  readonly #isDefined: (name: string, position: number) => boolean;
  readonly #outputOf: (script: ParsedScript) => string;
  readonly #outer: Expander | undefined;
  readonly #resolving = new Set<string>();
  #position = 0;
  /** What `$1` and its like hold, from the first on, where that is certain. */
  positional: readonly string[] = [];
  /** The arguments of the function that is being called, null when they are not known. */
  #given: readonly string[] | null = null;
  /** The body of a function runs after everything that came before its call. */
  #isLate = false;
  #cache = new Map<string, readonly string[]>();

  /**
   * `outputOf` gives what a substitution would print, with markers; `isDefined` tells whether an assignment
   * surely ran before the given offset; `outer` is that of the script which runs this one in its own shell.
   */
  constructor(
    variables: Variables,
    isDefined: (name: string, position: number) => boolean,
    outputOf: (script: ParsedScript) => string,
    outer?: Expander,
  ) {
    this.#variables = variables;
    this.#isDefined = isDefined;
    this.#outputOf = outputOf;
    this.#outer = outer;
  }

  /** The arguments of a function's call are known. */
  get isInCall(): boolean {
    return this.#given !== null;
  }

  /** For the body of a function: its own arguments, and values that depend on them. */
  inCall(given: readonly string[] | null, isLate: boolean, act: () => void): void {
    const outer = { given: this.#given, late: this.#isLate, cache: this.#cache, positional: this.positional };
    this.#given = given;
    this.#isLate = isLate;
    this.#cache = new Map();
    this.positional = [];
    act();
    this.#given = outer.given;
    this.#isLate = outer.late;
    this.#cache = outer.cache;
    this.positional = outer.positional;
  }

  /** The ways in which a word of a command can turn out. */
  expand(word: Word): readonly Fields[] {
    const pieces = piecesOf(word);
    if (pieces === null) return [[word.value]];
    if (this.#given !== null && isAllArguments(pieces)) return [this.#given];
    return this.#at(word.pos, () => {
      let ways: Fields[] = [[]];
      for (const list of spreadBraces(pieces)) {
        const isQuoted =
          list.length === 1 && list[0]?.type === "DoubleQuoted" && list[0].parts.every(isSingle);
        const choices = this.#combine(list)
          .map(splitFields)
          .map(isQuoted ? markOne : (fields) => fields);
        const taken = ways.length * choices.length > maxWays ? [[UNKNOWN]] : choices;
        ways = ways.flatMap((way) => taken.map((choice) => [...way, ...choice]));
      }
      return ways;
    });
  }

  /** The same for a word that the shell does not split: an assignment's value, a redirection's target. */
  expandWhole(word: Word): readonly string[] {
    const pieces = piecesOf(word);
    if (pieces === null) return [word.value];
    return this.#at(word.pos, () =>
      this.#combine(pieces).map((way) => way.map((piece) => piece.text).join("")),
    );
  }

  #at<T>(position: number, act: () => T): T {
    const before = this.#position;
    this.#position = this.#isLate ? Number.MAX_SAFE_INTEGER : position;
    const result = act();
    this.#position = before;
    return result;
  }

  /** A here-document's text. */
  expandParts(parts: readonly WordPart[]): readonly string[] {
    return this.#combine(parts).map((way) => way.map((piece) => piece.text).join(""));
  }

  #combine(parts: readonly WordPart[]): Piece[][] {
    let ways: Piece[][] = [[]];
    for (const part of parts) {
      const choices = this.#choices(part);
      const isTooMuch = ways.length * choices.length > maxWays;
      const taken = isTooMuch ? [[{ text: UNKNOWN, splits: false }]] : choices;
      const [only = [], ...others] = taken;
      if (others.length === 0) for (const way of ways) way.push(...only);
      else ways = ways.flatMap((way) => taken.map((choice) => [...way, ...choice]));
    }
    return ways.map((way) => (lengthOf(way) > maxLength ? [{ text: UNKNOWN, splits: true }] : way));
  }

  #choices(part: WordPart): Piece[][] {
    switch (part.type) {
      case "Literal":
        // An empty alternative of braces vanishes.
        return [[{ text: part.value, splits: part.value === "" }]];
      case "SingleQuoted":
        return [[quoted(part.value)]];
      case "AnsiCQuoted":
        // Shells differ in what follows a NUL.
        return [[quoted(/\\0|\\x0|\\u0000|\\c@/.test(part.text) ? UNKNOWN : part.value)]];
      case "DoubleQuoted":
      case "LocaleString":
        return this.#quotedChoices(part.parts);
      case "SimpleExpansion":
      case "ParameterExpansion":
      case "CommandExpansion":
      case "ArithmeticExpansion":
        return this.#valuesOf(part).map((text) => [{ text, splits: true }]);
      case "BraceExpansion":
        return [[quoted(UNKNOWN)]];
      case "ProcessSubstitution":
        // A path; what is behind it is known to the walk alone.
        return [[quoted(PLAIN)]];
      case "Glob":
        // An address, which no pattern spells like this.
        return [[quoted(part.text === "[::1]" ? part.text : GLOB)]];
      case "ExtendedGlob":
        return [[quoted(GLOB)]];
    }
  }

  #quotedChoices(parts: readonly DoubleQuotedChild[]): Piece[][] {
    // Where it is a part of a word, the others are words of their own.
    if (parts.some((part) => namesAllArguments(part))) return [[quoted(UNKNOWN)]];
    const ways = this.#combine(parts);
    return ways.map((way) => [quoted(way.map((piece) => piece.text).join(""))]);
  }

  #valuesOf(part: WordPart): readonly string[] {
    if (part.type === "ArithmeticExpansion") return [PLAIN];
    if (part.type === "CommandExpansion") return [part.script ? this.#outputOf(part.script) : UNKNOWN];
    if (part.type === "SimpleExpansion") return this.#valuesOfVariable(part.text.slice(1));
    if (part.type !== "ParameterExpansion" || part.index) return [UNKNOWN];
    if (part.prefix === "#") return [PLAIN];
    if (part.prefix === "!") return [UNKNOWN];
    const values = this.#valuesOfVariable(part.parameter);
    return part.operation === undefined ? values : this.#changed(values, part.operation);
  }

  #changed(
    values: readonly string[],
    operation: NonNullable<ParameterExpansionPart["operation"]>,
  ): readonly string[] {
    if (operation.type === "Default") return limit([...values, ...this.expandWhole(operation.operand)]);
    if (values.every((value) => value.startsWith(PLAIN))) return [PLAIN];
    if (operation.type !== "Remove") return [UNKNOWN];
    const { operator } = operation;
    const { text } = operation.operand;
    if (/^[\w.-]+$/.test(text)) return limit(values.map((value) => cutOff(value, operator, text)));
    // A pattern leaves a text that we do not work out; of a file's name it leaves a name.
    const isName = values.every((value) => value.includes(GLOB) && !value.includes(UNKNOWN));
    if (!isName || (operator.startsWith("#") && operator + text !== "##*/")) return [UNKNOWN];
    return limit([GLOB, ...values.map(nextTo)]);
  }

  /** `$1` and its like where what is given is known: of a call that has less arguments, the empty text. */
  #argument(name: string): string | undefined {
    const isNumber = /^[1-9]$/.test(name);
    if (this.#given === null) return isNumber ? this.positional[Number(name) - 1] : undefined;
    if (isNumber) return this.#given[Number(name) - 1] ?? "";
    return /^[@*]$/.test(name) ? this.#given.join(" ") : undefined;
  }

  #valuesOfVariable(name: string): readonly string[] {
    const given = this.#argument(name);
    if (given !== undefined) return [given];
    if (plainVariables.test(name)) return [PLAIN];
    const { sources, open } = this.#variables.sourcesOf(name);
    if (sources.length === 0 && this.#outer) {
      const values = this.#outer.#valuesSoFar(name);
      return open ? limit([...values, UNKNOWN]) : values;
    }
    const known = knownVariables.get(name);
    if (sources.length === 0 && known !== undefined) return [known];
    const values = this.#knownValues(name, sources);
    const isCertain = !open && this.#isDefined(name, this.#position) && sources.length > 0;
    return isCertain ? values : limit([...values, UNKNOWN]);
  }

  /** Where the walk stands now: nothing is defined yet that comes later. */
  #valuesSoFar(name: string): readonly string[] {
    return this.#at(Number.MAX_SAFE_INTEGER, () => this.#valuesOfVariable(name));
  }

  #knownValues(name: string, sources: readonly Source[]): readonly string[] {
    const cached = this.#cache.get(name);
    if (cached) return cached;
    // Its value is made of itself.
    if (this.#resolving.has(name) || this.#resolving.size > 20) return [UNKNOWN];
    this.#resolving.add(name);
    const values = limit(sources.slice(0, maxWays + 1).flatMap((source) => this.#valuesOfSource(source)));
    this.#resolving.delete(name);
    this.#cache.set(name, values);
    return values;
  }

  #valuesOfSource(source: Source): readonly string[] {
    if (source === null) return [UNKNOWN];
    if (!source.each) return this.expandWhole(source.word);
    return this.expand(source.word).flat();
  }
}

/** `$x`, `${x}` or `$(…)`: in quotes it is one word. */
function isSingle(part: DoubleQuotedChild): boolean {
  return part.type === "CommandExpansion" || /^\$(\w+|\{\w+\})$/.test(part.text);
}

/** A text without patterns is cut off where it stands, and where it may stand the folder stays. */
function cutOff(value: string, operator: string, text: string): string {
  if (value.includes(UNKNOWN) || value.includes(PLAIN)) return UNKNOWN;
  if (operator.startsWith("#")) {
    if (value.startsWith(text)) return value.slice(text.length);
    return hasMarker(value) ? UNKNOWN : value;
  }
  if (value.endsWith(text)) return value.slice(0, -text.length);
  return hasMarker(value) ? nextTo(value) : value;
}

/** Any name in the same folder. */
function nextTo(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1) + GLOB;
}

/** One list of parts for each word that the braces make: `a{b,c}` becomes `ab` and `ac`. */
function spreadBraces(parts: readonly WordPart[]): readonly (readonly WordPart[])[] {
  const at = parts.findIndex((part) => part.type === "BraceExpansion");
  const brace = parts[at];
  if (brace === undefined) return [parts];
  if (parts.filter((part) => part.type === "BraceExpansion").length > maxBraces) return [[brace]];
  const before = parts.slice(0, at);
  const rests = spreadBraces(parts.slice(at + 1));
  const lists = expandBraces(brace.text).flatMap((value) => {
    const literal: WordPart = { type: "Literal", pos: brace.pos, end: brace.end, value, text: value };
    return rests.map((rest) => [...before, literal, ...rest]);
  });
  return lists.length <= maxBraceWords ? lists : [[brace]];
}

/** `"$@"` and nothing else. */
function isAllArguments(pieces: readonly WordPart[]): boolean {
  const [only, ...others] = pieces;
  if (only?.type !== "DoubleQuoted" || others.length > 0 || only.parts.length !== 1) return false;
  const [part] = only.parts;
  return part?.type === "SimpleExpansion" && part.text === "$@";
}

function namesAllArguments(part: DoubleQuotedChild): boolean {
  if (part.type === "SimpleExpansion") return part.text === "$@";
  return part.type === "ParameterExpansion" && part.parameter === "@";
}

function piecesOf(word: Word): readonly WordPart[] | null {
  return word.parts && word.parts.length > 0 ? word.parts : null;
}

function limit(values: readonly string[]): readonly string[] {
  const unique = [...new Set(values)];
  return unique.length <= maxWays ? unique : [...unique.slice(0, maxWays - 1), UNKNOWN];
}
