import { UNKNOWN } from "./markers.ts";
import { opaque, type Verdict, worst } from "./verdict.ts";

const refuse = (what: string) => opaque(`The awk program ${what}.`, "awk");

/** An awk program is local when it neither runs commands nor opens sockets, and writes only where it may. */
export function judgeAwkProgram(
  program: string,
  judgeWrite: (path: string) => Verdict | null,
): Verdict | null {
  if (program.includes(UNKNOWN)) return refuse("is not known before it runs");
  const strings: string[] = [];
  const code = program.replaceAll(/"((?:[^"\\\n]|\\.)*)"/g, (_, text: string) => {
    strings.push(text);
    return `"${strings.length - 1}"`;
  });
  if (/\/inet[46]?\//.test(program)) return refuse("opens a network connection");
  if (/@/.test(code)) return refuse("loads or calls what is not in it");
  // A regular expression may hold a bar; whatever follows a value is a division.
  const bare = code.replaceAll(/(^|[(,~!&|{};\n])(\s*)\/(?:[^/\\\n]|\\.)*\//g, "$1$2 0 ");
  if (/\bsystem\b/.test(bare)) return refuse("calls system()");
  if (/[^|]\|&?[^|]/.test(` ${bare} `)) return refuse("pipes to or from a command");
  return judgeOutputs(bare, strings, judgeWrite);
}

/** `print > "file"`; a comparison stands outside of a print statement or in parentheses. */
function judgeOutputs(
  code: string,
  strings: readonly string[],
  judgeWrite: (path: string) => Verdict | null,
): Verdict | null {
  let verdict: Verdict | null = null;
  for (const [statement] of code.matchAll(/\bprintf?\b[^;}\n]*/g)) {
    const at = statement.indexOf(">");
    if (at < 0) continue;
    const target = /^>>?\s*"(\d+)"\s*$/.exec(statement.slice(at));
    const path = target ? strings[Number(target[1])] : undefined;
    verdict = worst(
      verdict,
      path === undefined ? refuse("writes to a file that is not named in it") : judgeWrite(path),
    );
  }
  return verdict;
}
