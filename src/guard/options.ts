import { mayBeOption } from "./markers.ts";

/** How a program reads its options. Names carry their dashes: `-f --file`. */
export interface OptionSyntax {
  /** Options that take a value: separated by spaces. */
  values?: string;
  /** Known options without a value. Given, any other is unknown; not given, every option is a flag. */
  flags?: string;
  /** Options end at the first operand, as wrappers need it. */
  stopAtOperand?: boolean;
  /** `-name` is one option, as with find, go and terraform. */
  singleDash?: boolean;
}

export interface Flag {
  /** With its dashes; a long option that was cut short is given in full. */
  name: string;
  value: string | undefined;
  known: boolean;
}

export interface ParsedOptions {
  flags: readonly Flag[];
  operands: readonly string[];
  /** A word whose text is not known may turn out to be an option. */
  uncertain: boolean;
}

interface Names {
  values: ReadonlySet<string>;
  flags: ReadonlySet<string>;
  all: readonly string[];
  strict: boolean;
}

const cache = new WeakMap<OptionSyntax, Names>();

function namesOf(syntax: OptionSyntax): Names {
  const cached = cache.get(syntax);
  if (cached) return cached;
  const values = new Set(splitNames(syntax.values));
  const flags = new Set(splitNames(syntax.flags));
  const names = { values, flags, all: [...values, ...flags], strict: syntax.flags !== undefined };
  cache.set(syntax, names);
  return names;
}

export function splitNames(names: string | undefined): string[] {
  return names === undefined || names === "" ? [] : names.split(" ");
}

/** Splits arguments into options and operands, the way getopt does, abbreviated long options included. */
export function parseOptions(args: readonly string[], syntax: OptionSyntax): ParsedOptions {
  const names = namesOf(syntax);
  const end = endOfOptions(args, names, syntax);
  const flags: Flag[] = [];
  const operands: string[] = [];
  for (let index = 0; index < end; index += 1) {
    const arg = args[index] ?? "";
    if (isOperand(arg)) operands.push(arg);
    else if (readOption(arg, names, flags, syntax)) {
      index += 1;
      const last = flags.at(-1);
      if (last) last.value = args[index];
    }
  }
  const rest = args.slice(args[end] === "--" ? end + 1 : end);
  return { flags, operands: [...operands, ...rest], uncertain: args.slice(0, end + 1).some(mayBeOption) };
}

/** Where `--` stands, or the first operand of a program that reads its options up to there. */
function endOfOptions(args: readonly string[], names: Names, syntax: OptionSyntax): number {
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? "";
    if (arg === "--" || (syntax.stopAtOperand && isOperand(arg))) return index;
    if (!isOperand(arg) && readOption(arg, names, [], syntax)) index += 1;
  }
  return args.length;
}

function isOperand(arg: string): boolean {
  return !arg.startsWith("-") || arg === "-";
}

/** True when the option's value is the next word. */
function readOption(arg: string, names: Names, flags: Flag[], syntax: OptionSyntax): boolean {
  const isWhole = arg.startsWith("--") || syntax.singleDash === true;
  return isWhole ? readLong(arg, names, flags) : readCluster(arg, names, flags);
}

/** Pushes one long option; true when its value is the next word. */
function readLong(arg: string, names: Names, flags: Flag[]): boolean {
  const equals = arg.indexOf("=");
  const given = equals < 0 ? arg : arg.slice(0, equals);
  const name = completeName(given, names);
  const known = names.values.has(name) || names.flags.has(name) || !names.strict;
  flags.push({ name, value: equals < 0 ? undefined : arg.slice(equals + 1), known });
  // One that was cut short may be another that takes no value: its next word is judged for itself.
  return equals < 0 && names.values.has(given);
}

/** `--to-comm` may be `--to-command`. */
function completeName(given: string, names: Names): string {
  if (names.values.has(given) || names.flags.has(given) || !given.startsWith("--")) return given;
  return names.all.find((name) => name.startsWith(given)) ?? given;
}

/** Pushes the options of `-abc`; true when the last one's value is the next word. */
function readCluster(arg: string, names: Names, flags: Flag[]): boolean {
  for (let at = 1; at < arg.length; at += 1) {
    const name = `-${arg[at]}`;
    if (names.values.has(name)) {
      const rest = arg.slice(at + 1);
      flags.push({ name, value: rest === "" ? undefined : rest.replace(/^=/, ""), known: true });
      return rest === "";
    }
    flags.push({ name, value: undefined, known: names.flags.has(name) || !names.strict });
  }
  return false;
}
