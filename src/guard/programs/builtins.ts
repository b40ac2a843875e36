import type { Call, Judge, Rules } from "../call.ts";
import { holdsSubstitution } from "../evaluation.ts";
import { showMarkers, UNKNOWN } from "../markers.ts";
import { parseOptions } from "../options.ts";
import { each, harmless, wrapper } from "../rules.ts";
import { exfil, opaque, type Verdict, worst } from "../verdict.ts";
import { judgeReplacing } from "./vibeops.ts";

/** Bash evaluates subscripts in these arguments although they are quoted. */
const evaluates: Judge = ({ name, args, world }) => {
  const values = name === "printf" && !args[0]?.startsWith("-v") ? numbersOf(args) : args;
  return worst(...values.filter(holdsSubstitution).map((text) => world.judgeSubscript(text)));
};

/** What zsh and ksh work out as a sum for the likes of `%d`, subscripts included. */
function numbersOf([format = "", ...values]: readonly string[]): readonly string[] {
  return /%[-+ #0\d.*]*[diouxXeEfFgGaA]/.test(format) ? values.filter((value) => value.includes("[")) : [];
}

const declares: Judge = (call) => {
  let verdict = evaluates(call);
  for (const arg of call.args) {
    const equals = arg.indexOf("=");
    if (arg.startsWith("-") || equals <= 0) continue;
    verdict = worst(verdict, call.world.judgeAssignment(arg.slice(0, equals), arg.slice(equals + 1)));
  }
  return verdict;
};

const changesFolder: Judge = ({ name, args, world }) => {
  const target = args.find((arg) => !/^-[LPe@]+$|^--$/.test(arg)) ?? (name === "cd" ? "~" : "");
  const isKnown = target !== "" && !target.includes(UNKNOWN) && target !== "-" && !/^[+-]\d/.test(target);
  return world.changeFolder(isKnown ? target : null);
};

const evaluatesText: Judge = ({ args, world }) =>
  world.judgeHere(args.filter((arg) => arg !== "--").join(" "));

const trap: Judge = ({ args, world }) => {
  const [first = "", ...rest] = args.filter((arg) => arg !== "--");
  return rest.length === 0 || first.startsWith("-") || first === "" ? null : world.judgeLater(first);
};

const alias: Judge = ({ args, world }) => {
  let verdict: Verdict | null = null;
  for (const arg of args) {
    const equals = arg.indexOf("=");
    if (equals > 0)
      verdict = worst(verdict, judgeReplacing(arg.slice(0, equals)), world.judgeHere(arg.slice(equals + 1)));
  }
  return verdict;
};

const reads: Judge = ({ name, args, world }) => {
  const isRead = name === "read";
  const values = isRead ? "-a -d -i -n -N -p -t -u" : "-C -c -d -n -O -s -u";
  const callback = isRead
    ? undefined
    : parseOptions(args, { values }).flags.find((flag) => flag.name === "-C");
  const inner = callback ? world.judgeHere(callback.value ?? "") : null;
  return worst(inner, evaluates({ name, args, world, stdin: { kind: "none" } }));
};

const spelledOsc = /((\\0*33|\\e|\\E|\\[xuU]0*1b)\]|\\x9d|\\0*235)52;/i;

/** Terminals obey OSC 52: what it carries ends up in the person's clipboard. */
const prints: Judge = (call) => {
  const isOsc = call.args.some((arg) => spelledOsc.test(arg) || /(\p{Cc}\]|\u009d)52;/u.test(arg));
  if (isOsc) return exfil(`"${call.name}" writes to the terminal's clipboard.`, call.name);
  return call.name === "printf" ? evaluates(call) : null;
};

/** `command -v name` only asks. */
const command: Judge = (call) => {
  const asks = /^-[pvV]*[vV]/.test(call.args[0] ?? "");
  return asks ? null : wrapper({ flags: "-p" })(call);
};

const folderStack: Judge = ({ world }) => world.changeFolder(null);

/** The environment of python's tools that the project has runs as they do, and no shell may write there. */
const environmentFile = /^(\.\/)?\.?venv\/bin\/activate$/;

const sourced: Judge = ({ name, args, world }) =>
  args.length === 1 && environmentFile.test(args[0] ?? "") && world.isInProject()
    ? null
    : opaque(`"${name} ${showMarkers(args[0] ?? "")}" runs a file that the guard does not read.`, name);

/** Whoever ends vibeops in the middle of a run leaves it without an end in the record. */
const ends: Judge = ({ name, args }) => {
  const { flags, operands } = parseOptions(args, killing);
  const isByUser = flags.some(
    (flag) => inverse.test(flag.name) || (operands.length === 0 && byUser.test(flag.name)),
  );
  const isEverything = name === "kill" ? endsAll.test(args.join(" ")) : isByUser;
  if (args.some((arg) => /vibeops/i.test(arg)))
    return opaque(`"${name}" finds or ends a run of vibeops.`, name);
  return isEverything && /kill/.test(name)
    ? opaque(`"${name}" ends more than a program by its name.`, name)
    : null;
};

/** The first process of the machine, or all that there are: behind the signal, where one is given. */
const endsAll = /^(?:-(?:s |n )?[A-Z]*\d* |-- )*(?:\S+ )*(?:-?1)$|^(?:\S+ )+-?1 /;
const killing = { values: "-u -U -g -G -P -t -s --user --euid --uid --signal --pgroup --parent" };
const byUser = /^(-u|-U|--user|--euid|--uid)$/;
const inverse = /^(-v|--inverse)$/;

/** `enable`, `bind -p`: it lists. */
const listsOnly = /^(-[alpPsSvV])?$/;
const shellOnly = (call: Call) => opaque(`"${call.name}" changes which programs run.`, call.name);

export const builtins: Rules = {
  ...each(
    ": true false shift return exit break continue times umask ulimit jobs fg bg disown set shopt type help suspend caller dirs compopt deactivate",
    harmless,
  ),
  ...each("test [ unset let getopts wait", evaluates),
  ...each("export declare typeset local readonly", declares),
  ...each("read mapfile readarray", reads),
  ...each("printf echo", prints),
  ...each("cd pushd", changesFolder),
  popd: folderStack,
  eval: evaluatesText,
  trap,
  alias,
  ...each("kill killall pkill pgrep pidof", ends),
  unalias: harmless,
  command,
  builtin: wrapper({}),
  exec: wrapper({ flags: "-c -l", values: "-a" }),
  source: sourced,
  ".": sourced,
  ...each("enable bind complete", (call) => (listsOnly.test(call.args.join(" ")) ? null : shellOnly(call))),
  hash: ({ args }) =>
    args.some((arg) => arg.startsWith("-p"))
      ? opaque('"hash -p" puts a file in the place of a program.', "hash")
      : null,
  compgen: ({ args }) =>
    args.some((arg) => /^-[CF]/.test(arg)) ? opaque('"compgen" runs a command.', "compgen") : null,
  history: ({ args }) =>
    args.every((arg) => /^\d+$/.test(arg))
      ? null
      : opaque('"history" with options changes the trail.', "history"),
  fc: ({ args }) => (args[0]?.startsWith("-l") ? null : opaque('"fc" runs earlier commands again.', "fc")),
};
