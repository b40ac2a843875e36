/** One-liners in other languages that can be proven harmless. All else is opaque, so these may say no too often. */

const maxLength = 2_000;

/** Prints texts that stand there, or sums of numbers: `print "a\n"` in perl, `puts 1 + 1` in ruby, `echo "a";` in php. */
export function isPlainPrint(code: string): boolean {
  return code.length <= maxLength && plainPrint.test(code);
}

const printed = String.raw`"(?:[^"\\$@#]|\\[nrt\\"$@#])*"|'[^'\\]*'|\d+`;
const plainPrint = new RegExp(
  String.raw`^\s*(?:print|puts|p|say|echo)\s+(?:${printed})(?:\s*[-,.+*/%]\s*(?:${printed}))*\s*;?\s*$`,
);

/** `s/a/b/g`, `tr/a/b/`, and `print` with or without a pattern. */
export function isHarmlessPerl(code: string): boolean {
  const substitution =
    /^\s*(s|tr|y)([/|#,!])((?:(?!\2)[^\\$@`(]|\\.|\((?!\?\??\{)|\$(?=[)|/#,!]|\d))*)\2((?:(?!\2)[^\\$@`]|\\.|\$\d|\$&)*)\2[gimsx]*\s*$/s;
  const print = /^\s*print( \$[_.\d])?( (if|unless) \/(?:[^/\\$@(]|\\.|\((?!\?\??\{)|\$(?=[)/|]))*\/i?)?\s*$/;
  return code.split(";").every((part) => part.trim() === "" || substitution.test(part) || print.test(part));
}
