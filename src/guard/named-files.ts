import type { Call } from "./call.ts";
import type { Verdict } from "./verdict.ts";
import { worst } from "./verdict.ts";

/** Programs that write what they are given, whichever place it has among their arguments. */
const changers = new Set("split csplit uniq patch zip 7z 7za 7zr ar xxd".split(" "));
const changesInPlace = /^(-i|-w|--write|--fix|--in-?place|--apply|-inplace)$/;
const outputOption = /^(-o|-O|--(out|target|dest)[\w-]*)$/;
const joinedOutput = /^(?:--(?:out|target|dest)[\w-]*=|-o(?=[^=-]))(.+)$/;
/** Their `-o`, `-w` and `-i` mean something else. */
const speaksOtherwise =
  /^([efz]?grep|rg|find|set|ps|ssh|ls|wc|sort|test|\[|sed|perl|docker|git|npm|vibeops)$/;

/** Files that a program whose rule knows none of its own outputs would write: by option, in place, or by its nature. */
export function judgeNamedFiles({ name, args, world }: Call): Verdict | null {
  if (speaksOtherwise.test(name)) return null;
  const takesAll = changers.has(name) || args.some((arg) => changesInPlace.test(arg));
  const written = args.flatMap((arg, index) => {
    const joined = joinedOutput.exec(arg)?.[1];
    if (joined !== undefined) return [joined];
    const isValue = outputOption.test(args[index - 1] ?? "");
    return !arg.startsWith("-") && (isValue || takesAll) ? [arg] : [];
  });
  return worst(...written.map((path) => world.judgeNamed(path)));
}
