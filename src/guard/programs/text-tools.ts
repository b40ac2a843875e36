import { judgeAwkProgram } from "../awk-program.ts";
import type { Judge, Rules, Stdin } from "../call.ts";
import { showMarkers, UNKNOWN } from "../markers.ts";
import { type OptionSyntax, parseOptions } from "../options.ts";
import { each, type GuardedSyntax, guarded, onlyAsksAbout, uncertain } from "../rules.ts";
import { judgeSedScript } from "../sed-script.ts";
import { live, opaque, type Verdict, worst } from "../verdict.ts";

const none: Stdin = { kind: "none" };

const sedSyntax: OptionSyntax = { values: "-e -f -l --expression --file --line-length" };

const sed: Judge = (call) => {
  const { flags, operands, uncertain: isUncertain } = parseOptions(joinInPlace(call.args), sedSyntax);
  const scripts = flags
    .filter(({ name }) => name === "-e" || name === "--expression")
    .map(({ value }) => value ?? "");
  const isGiven = scripts.length > 0;
  const files = isGiven ? operands : operands.slice(1);
  if (!isGiven && operands[0] !== undefined) scripts.push(operands[0]);
  let verdict: Verdict | null = isUncertain ? uncertain(call) : null;
  if (flags.some(({ name }) => name === "-f" || name === "--file")) {
    verdict = opaque('"sed -f" runs a script that the guard does not read.', "-f");
  }
  for (const script of scripts) verdict = worst(verdict, judgeSed(script, call.world.judgeWrite));
  const isInPlace = flags.some(({ name }) => name === "-i" || name === "--in-place");
  return worst(verdict, ...(isInPlace ? files.map((file) => call.world.judgeWrite(file)) : []));
};

/** `-i.bak` is one option with a suffix; its letters are no options. */
function joinInPlace(args: readonly string[]): string[] {
  return args.map((arg) => (/^-[nrEsuz]*i/.test(arg) ? "-i" : arg));
}

function judgeSed(script: string, judgeWrite: (path: string) => Verdict | null): Verdict | null {
  if (script.includes(UNKNOWN)) {
    return opaque(`The sed script "${showMarkers(script)}" is not known before it runs.`, "sed");
  }
  return judgeSedScript(script, judgeWrite);
}

const awkOutput = /^(?:-[dop]|--(?:dump-variables|pretty-print|profile)=)(.+)$/;

const awk: Judge = (call) => {
  const syntax: OptionSyntax = {
    values: "-F -v -f -e -i -l -E --field-separator --assign --file --source --include --load --exec",
    stopAtOperand: true,
  };
  const { flags, operands, uncertain: isUncertain } = parseOptions(call.args, syntax);
  const loads = flags.find(({ name }) => /^(-f|-i|-l|-E|--file|--include|--load|--exec)$/.test(name));
  if (loads)
    return opaque(`"${call.name} ${loads.name}" runs a program that the guard does not read.`, loads.name);
  if (isUncertain) return uncertain(call);
  // Their value is joined or not given.
  const outputs = call.args
    .slice(0, call.args.length - operands.length)
    .flatMap((arg) => awkOutput.exec(arg)?.[1] ?? []);
  const sources = flags.filter(({ name }) => /^(-e|--source)$/.test(name)).map(({ value }) => value ?? "");
  const program = sources.length > 0 ? sources.join("\n") : (operands[0] ?? "");
  return worst(judgeAwkProgram(program, call.world.judgeWrite), ...outputs.map(call.world.judgeWrite));
};

/** `+command` runs when the file is open. */
function noPlus(syntax: GuardedSyntax): Judge {
  const judge = guarded(syntax);
  return (call) => {
    const plus = call.args.find((arg) => /^\+(?!\d*$)/.test(arg));
    const address = call.args.find((arg) => /^(?!file:)[a-z]+:\/\//i.test(arg));
    return worst(
      judge(call),
      address === undefined ? null : live(`"${call.name}" opens "${showMarkers(address)}".`, address),
      plus === undefined ? null : opaque(`"${call.name} ${plus}" runs a command of the editor.`, plus),
    );
  };
}

const converts = guarded({
  values: "-f -t -s",
  writes: "-o --output",
  stops: "-F --filter -L --lua-filter --pdf-engine --extract-media",
  stopsReason: "runs another program",
});

const pandoc: Judge = (call) => {
  const address = call.args.find((arg) => /^https?:/i.test(arg));
  return address === undefined
    ? converts(call)
    : opaque(`"pandoc" fetches "${showMarkers(address)}".`, address);
};

/** A file, or how its window opens. */
const opensFile = /^(?![-+])|^(-[adgnrw]|--(add|diff|goto|new-window|reuse-window|wait))$/;
/** What an editor offers besides editing. */
const isService = /^(tunnel|serve-web|agent|chat)$/;

/** `/ssh:host:path` and its like, which emacs takes to another machine, container or user. */
const opensElsewhere = /^\/[^/]*:/;

/** `!` begins a command of the shell, unless it is a comparison. */
const deskCalculator: Judge = (call) => {
  if (onlyAsksAbout(call.args)) return null;
  const { flags, operands } = parseOptions(call.args, { values: "-e -f --expression --file" });
  const isRead = operands.length > 0 || flags.some(({ name }) => /^(-f|--file)$/.test(name));
  const given = flags.map(({ value = "" }) => value);
  const texts = call.stdin.kind === "text" ? [...given, call.stdin.text] : given;
  const command = texts.find((text) => /!(?![<>=])/.test(text) || text.includes(UNKNOWN));
  if (!isRead && call.stdin.kind !== "unknown" && command === undefined) return null;
  const inner = command === undefined ? null : call.world.judgeScript(command.replace(/^[^!]*!/, ""), none);
  return worst(opaque(`"${call.name}" runs what follows an exclamation mark.`, call.name), inner);
};

export const textTools: Rules = {
  ...each("sed gsed", sed),
  ...each("awk gawk mawk nawk", awk),
  sort: guarded({
    values: "-k -t -S -T --key --field-separator --buffer-size --parallel --batch-size --files0-from",
    runs: "--compress-program",
    writes: "-o --output -T --temporary-directory",
  }),
  shuf: guarded({ values: "-n -i", writes: "-o --output" }),
  iconv: guarded({ values: "-f -t", writes: "-o --output" }),
  ...each("yq tomlq", guarded({ stops: "--from-file -f" })),
  envsubst: guarded({}),
  pandoc,
  ...each(
    "vi vim nvim view vimdiff nvimdiff",
    noPlus({
      writes: "-w",
      stops: "-c -S -s -u -l --cmd -es -e -E -W --remote-expr --remote-send --server --listen",
      stopsReason: "runs commands of the editor",
    }),
  ),
  dc: deskCalculator,
  ...each("nano pico ed ex code subl", ({ name, args }) =>
    (args.length === 1 && args[0] === "--version") ||
    (args.every((arg) => opensFile.test(arg)) && !/^e[dx]$/.test(name) && !isService.test(args[0] ?? ""))
      ? null
      : opaque(`"${name}" can run commands of its own.`, name),
  ),
  emacs: ({ name, args }) =>
    args.length > 0 && args.every((arg) => /^[^-+]|^-(nw|Q)$/.test(arg) && !opensElsewhere.test(arg))
      ? null
      : opaque(`"${name}" can run commands of its own.`, name),
};
