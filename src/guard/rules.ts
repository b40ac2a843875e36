import type { Call, Judge, Rules } from "./call.ts";
import { showMarkers } from "./markers.ts";
import { type Flag, type OptionSyntax, type ParsedOptions, parseOptions, splitNames } from "./options.ts";
import { live, opaque, type Verdict, worst } from "./verdict.ts";

/** Local whatever its options are. */
export const harmless: Judge = () => null;

/** One judge for several programs, names separated by white space. */
export function each(names: string, judge: Judge): Rules {
  return { [names]: judge };
}

/** Judges by single names. */
export interface Judges {
  get(name: string): Judge | undefined;
}

/**
 * Finds the judge of a name in tables whose keys may hold several; the last one counts. Found when it is asked for:
 * a map of the hundreds of names would be made before each command of an agent, which has three of them in it.
 */
export function byName(...tables: readonly Rules[]): Judges {
  const found = new Map<string, Judge | undefined>();
  const find = (name: string): Judge | undefined => {
    for (const table of tables.toReversed()) {
      const key = Object.keys(table).findLast(
        (names) => names.includes(name) && namesIn(names).includes(name),
      );
      if (key !== undefined) return table[key];
    }
    return undefined;
  };
  return {
    get(name) {
      if (!found.has(name)) found.set(name, find(name));
      return found.get(name);
    },
  };
}

function namesIn(names: string): readonly string[] {
  return names.trim().split(/\s+/);
}

/** A judge that is made when it is first asked: most programs are not in the command at hand. */
function whenAsked(make: () => Judge): Judge {
  let judge: Judge | undefined;
  return (call) => {
    judge ??= make();
    return judge(call);
  };
}

/** Never local, but for asking what it is. */
export function always(answer: "live" | "opaque", reason: string): Judge {
  return ({ name, args }) => {
    if (onlyAsksAbout(args)) return null;
    const text = `"${name}" ${reason}.`;
    return answer === "live" ? live(text, name) : opaque(text, name);
  };
}

/** `--version` or `--help` alone. */
export function onlyAsksAbout(args: readonly string[]): boolean {
  return args.length === 1 && /^(--version|--help|-h|-V|-v|version|help|-version|-help)$/.test(args[0] ?? "");
}

/**
 * `tool sub --help`, and nothing else: at most so many plain words before it. For tools that look for it before they do
 * anything else; one that runs what its words name would hand it on.
 */
export function asksForHelp(args: readonly string[], most = 1): boolean {
  const words = args.slice(0, -1);
  return (
    /^--?help$/.test(args.at(-1) ?? "") &&
    words.length <= most &&
    words.every((word) => /^[a-z][a-z-]*$/.test(word) && !startsOthers.test(word))
  );
}

const startsOthers = /^(exec|run|shell|console|start|dlx|x)$/;

export interface GuardedSyntax extends OptionSyntax {
  /** Options whose value is run as a command. */
  runs?: string;
  /** Options that take the command out of what can be proven, each for the reason given. */
  stops?: string;
  stopsReason?: string;
  /** Options whose value is a file that is written. */
  writes?: string;
  /** Which operands are written. */
  operands?: "all" | "first" | "last" | "rest";
}

/** A program that is local unless an option makes it run something, reach out or write where it must not. */
export function guarded(syntax: GuardedSyntax): Judge {
  return whenAsked(() => makeGuarded(syntax));
}

function makeGuarded(syntax: GuardedSyntax): Judge {
  const values = [syntax.values, syntax.runs, syntax.writes].filter(Boolean).join(" ");
  const flags = syntax.flags === undefined ? {} : { flags: `${syntax.flags} ${syntax.stops ?? ""}` };
  const complete: OptionSyntax = { ...syntax, values, ...flags };
  const runs = new Set(splitNames(syntax.runs));
  const stops = new Set(splitNames(syntax.stops));
  const writes = new Set(splitNames(syntax.writes));
  // Without a list of flags an abbreviation could hide one of these.
  const abbreviable = [...runs, ...stops].filter((name) => name.startsWith("--"));
  const whole = new Set([...stops, ...splitNames(syntax.flags)]);
  const judgeFlag = (call: Call, flag: Flag): Verdict | null => {
    const name = whole.has(flag.name)
      ? flag.name
      : (abbreviable.find((full) => isShort(full, flag.name)) ?? flag.name);
    if (runs.has(name)) return judgeRun(call, name, flag.value);
    if (stops.has(name)) return stopped(call, name, syntax.stopsReason);
    return writes.has(name) && flag.value !== undefined ? call.world.judgeWrite(flag.value) : null;
  };
  return (call) => {
    const parsed = parseOptions(call.args, complete);
    const isOpen = parsed.uncertain && runs.size + stops.size > 0;
    return worst(
      judgeOperands(call, parsed, syntax.operands),
      isOpen ? uncertain(call) : null,
      ...parsed.flags.map((flag) => judgeFlag(call, flag)),
    );
  };
}

function isShort(full: string, given: string): boolean {
  return given.length > 3 && given.startsWith("--") && full.startsWith(given);
}

function judgeRun(call: Call, option: string, value: string | undefined): Verdict | null {
  if (value === undefined)
    return opaque(`"${call.name} ${option}" runs a command that is not given.`, option);
  return call.world.judgeScript(value, { kind: "unknown" });
}

function stopped(call: Call, option: string, reason = "makes it do more than can be proven"): Verdict {
  return opaque(`The option ${option} of "${call.name}" ${reason}.`, option);
}

export function uncertain(call: Call): Verdict {
  const word = call.args.find((arg) => /^-?[^\uE000]*\uE000/.test(arg)) ?? "";
  return opaque(
    `"${call.name}" is given "${showMarkers(word)}", which may turn out to be an option.`,
    call.name,
  );
}

function judgeOperands(call: Call, parsed: ParsedOptions, which: GuardedSyntax["operands"]): Verdict | null {
  if (which === undefined) return null;
  const { operands } = parsed;
  const written = {
    all: operands,
    first: operands.slice(0, 1),
    last: operands.slice(-1),
    rest: operands.slice(1),
  }[which];
  return worst(...written.map((path) => call.world.judgeWrite(path)));
}

export interface WrapperSyntax extends OptionSyntax {
  /** How many operands stand before the command. */
  skip?: number;
  /** Options whose value a shell runs. */
  runs?: string;
  /** Options whose value is a file that is written, or a command behind `|` or `!`. */
  writes?: string;
  /** It may take `NAME=value` before the command. */
  assigns?: boolean;
  /** What it does itself is not local, whatever it runs: why. */
  gates?: string;
  /** What it is without a command; local unless told. */
  alone?: Verdict;
}

/** Where one of these stands for a value, our table of options and the program's own may disagree. */
const startsProgram =
  /^(\/\S*\/)?(ssh|scp|sftp|rsync|kubectl|docker|ansible\S*|nc|curl|wget|(ba|da|z|k)?sh|python3?|node|perl)$/;

/** A program that runs another one: the inner command decides. */
export function wrapper(syntax: WrapperSyntax): Judge {
  return whenAsked(() => makeWrapper(syntax));
}

function makeWrapper(syntax: WrapperSyntax): Judge {
  const values = [syntax.values, syntax.runs, syntax.writes].filter(Boolean).join(" ");
  const complete: OptionSyntax = { ...syntax, values, flags: syntax.flags ?? "", stopAtOperand: true };
  const runs = new Set(splitNames(syntax.runs));
  const writes = new Set(splitNames(syntax.writes));
  return (call) => {
    const parsed = parseOptions(call.args, complete);
    const gate = syntax.gates === undefined ? null : opaque(`"${call.name}" ${syntax.gates}.`, call.name);
    let verdict = worst(
      onlyAsksAbout(call.args) ? null : gate,
      ...parsed.flags.map((flag) =>
        writes.has(flag.name) ? judgeOutput(call, flag) : judgeWrapperFlag(call, flag, runs),
      ),
    );
    const words = parsed.operands.slice(syntax.skip ?? 0);
    const taken = [
      ...parsed.operands.slice(0, syntax.skip ?? 0),
      ...parsed.flags.map((flag) => flag.value ?? ""),
    ];
    const misread = taken.find((word) => startsProgram.test(word));
    if (misread !== undefined) {
      verdict = worst(
        verdict,
        opaque(`"${call.name}" may run "${misread}", which was read as a value.`, misread),
      );
    }
    const isScript = parsed.flags.some((flag) => runs.has(flag.name));
    if (words.length === 0 && !isScript) return worst(verdict, syntax.alone ?? null);
    return worst(verdict, judgeInner(call, words, syntax, parsed));
  };
}

function judgeWrapperFlag(
  call: Call,
  flag: ParsedOptions["flags"][number],
  runs: ReadonlySet<string>,
): Verdict | null {
  if (runs.has(flag.name)) return judgeRun(call, flag.name, flag.value);
  if (flag.known || /^(--version|--help|-V)$/.test(flag.name)) return null;
  return opaque(`"${call.name}" has no option "${flag.name}" that the guard knows.`, flag.name);
}

/** strace sends what it writes to a command. */
function judgeOutput(call: Call, { name, value = "" }: Flag): Verdict | null {
  return /^[|!]/.test(value) ? judgeRun(call, name, value.slice(1)) : call.world.judgeWrite(value);
}

function judgeInner(
  call: Call,
  words: readonly string[],
  syntax: WrapperSyntax,
  parsed: ParsedOptions,
): Verdict | null {
  const { world, stdin } = call;
  let start = 0;
  let verdict: Verdict | null = null;
  if (syntax.assigns) {
    for (; /^[A-Za-z_]\w*=/.test(words[start] ?? ""); start += 1) {
      const word = words[start] ?? "";
      const equals = word.indexOf("=");
      verdict = worst(verdict, world.judgeAssignment(word.slice(0, equals), word.slice(equals + 1)));
    }
  }
  verdict = worst(verdict, world.judgeWords(words.slice(start), stdin));
  // An option that we do not know may have taken the first word for its value.
  const isLost = parsed.flags.some((flag) => !flag.known);
  return isLost ? worst(verdict, world.judgeWords(words.slice(start + 1), stdin)) : verdict;
}

/** Programs whose first operand says what they do. */
export interface SubcommandRules {
  /** Options before the subcommand. */
  global?: GuardedSyntax;
  /** Local, whatever follows. */
  local?: string;
  /** Judged by what follows the subcommand. */
  judged?: Rules;
  /** It shows help for any of its subcommands, and has none that a project could add. */
  helps?: true;
  /** For any other. */
  otherwise: (name: string, sub: string) => Verdict;
}

export function subcommands(rules: SubcommandRules): Judge {
  return whenAsked(() => makeSubcommands(rules));
}

function makeSubcommands(rules: SubcommandRules): Judge {
  const local = new Set(splitNames(rules.local));
  const judged = byName(rules.judged ?? {});
  const syntax: GuardedSyntax = { ...rules.global, stopAtOperand: true };
  const values = [syntax.values, syntax.runs, syntax.writes].filter(Boolean).join(" ");
  const judgeGlobal = guarded(syntax);
  return (call) => {
    const { operands, uncertain: isUncertain } = parseOptions(call.args, { ...syntax, values });
    const own = call.args.slice(0, call.args.length - operands.length);
    const verdict = isUncertain ? uncertain(call) : judgeGlobal({ ...call, args: own });
    const [sub, ...args] = operands;
    if (sub === undefined) return verdict;
    if (local.has(sub) || (rules.helps && asksForHelp(args, 0))) return verdict;
    const judge = judged.get(sub);
    const inner = judge ? judge({ ...call, name: `${call.name} ${sub}`, args }) : null;
    return worst(verdict, judge ? inner : rules.otherwise(call.name, sub));
  };
}
