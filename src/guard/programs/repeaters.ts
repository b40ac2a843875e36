import type { Call, Judge, Rules } from "../call.ts";
import { hasMarker, PLAIN, UNKNOWN } from "../markers.ts";
import { type OptionSyntax, parseOptions } from "../options.ts";
import { each } from "../rules.ts";
import { live, opaque, type Verdict, worst } from "../verdict.ts";

const xargsSyntax: OptionSyntax = {
  values:
    "-I -n -P -L -d -s -a -E --max-args --max-procs --delimiter --arg-file --max-chars --process-slot-var",
  flags:
    "-0 -r -t -x -p -o --null --no-run-if-empty --verbose --exit --interactive --open-tty -e -l -i --replace --max-lines --eof",
  stopAtOperand: true,
};

const xargs: Judge = (call) => {
  const { flags, operands } = parseOptions(call.args, xargsSyntax);
  const unknown = flags.find((flag) => !flag.known);
  const place = flags.find(({ name }) => /^(-I|-i|--replace)$/.test(name));
  const words = operands.length === 0 ? ["echo"] : operands;
  const given = wordsOnInput(
    call,
    flags.some(({ name }) => /^(-a|--arg-file)$/.test(name)),
  );
  const verdicts = given.map((list) => {
    const filled = place ? fillIn(words, place.value ?? "{}", list) : [...words, ...list];
    return call.world.judgeWords(filled, { kind: "unknown" });
  });
  const verdict = worst(...verdicts);
  return unknown
    ? worst(verdict, opaque(`"xargs" has no option "${unknown.name}" that the guard knows.`, unknown.name))
    : verdict;
};

/** All that it may be given, in each way. */
function wordsOnInput({ stdin }: Call, readsFile: boolean): readonly (readonly string[])[] {
  if (readsFile) return [[UNKNOWN]];
  if (stdin.kind === "text") return [stdin.text.split(/\s+/).filter((word) => word !== "")];
  return stdin.kind === "names" ? stdin.like.map((path) => [path]) : [[UNKNOWN]];
}

/** A name that stands for a whole word stays one; inside of a longer word it could become code. */
function fillIn(words: readonly string[], place: string, given: readonly string[]): string[] {
  const value = given.join(" ");
  return words.map((word) => {
    if (!word.includes(place)) return word;
    if (word === place || /^[\w./-]*$/.test(word.replaceAll(place, ""))) return word.replaceAll(place, value);
    return word.replaceAll(place, given.length === 1 && !hasMarker(value) ? value : UNKNOWN);
  });
}

const parallelSyntax: OptionSyntax = {
  values:
    "-j --jobs -n -N -L -I --delay --timeout --retries --joblog --results --colsep -C --tagstring --nice -d --halt --tmpdir -a --arg-file -s --max-args --progress-file",
  flags:
    "-k --keep-order -0 --null -t --verbose --bar --progress --eta --tag --dry-run -X -m -u --ungroup --will-cite -q --quote --line-buffer --lb --pipe --no-notice -r --no-run-if-empty --eta",
  stopAtOperand: true,
};

const parallel: Judge = (call) => {
  const { flags, operands } = parseOptions(call.args, parallelSyntax);
  const far = flags.find(({ name }) =>
    /^(-S|--sshlogin|--slf|--sshloginfile|--onall|--nonall|--ssh)$/.test(name),
  );
  if (far) return live(`"parallel ${far.name}" runs on other machines.`, far.name);
  const unknown = flags.find((flag) => !flag.known);
  const verdict = unknown
    ? opaque(`"parallel" has no option "${unknown.name}" that the guard knows.`, unknown.name)
    : null;
  const at = operands.findIndex((word) => /^::::?\+?$/.test(word));
  const command = at < 0 ? operands : operands.slice(0, at);
  const isList = operands[at]?.startsWith(":::") && !operands[at]?.startsWith("::::");
  const inputs =
    at >= 0 && isList
      ? operands.slice(at + 1).filter((word) => !/^:::\+?$/.test(word))
      : wordsOnInput(call, at >= 0).flat();
  return worst(verdict, ...inputs.slice(0, 64).map((input) => judgeParallel(call, command, input)));
};

/** The words are joined and given to a shell; inputs are quoted, except where they are the command itself. */
function judgeParallel(call: Call, command: readonly string[], input: string): Verdict | null {
  if (command.length === 0) return call.world.judgeScript(input, { kind: "unknown" });
  const text = command.join(" ");
  const hasPlace = /\{[^}]*\}/.test(text);
  const filled = hasPlace ? text.replaceAll(/\{[^}]*\}/g, () => input) : `${text} ${input}`;
  return call.world.judgeScript(filled.replaceAll(PLAIN, "./x"), { kind: "unknown" });
}

/** Programs that run a command once for each word or line that they are given. */
export const repeaters: Rules = {
  xargs,
  ...each("parallel sem", parallel),
};
