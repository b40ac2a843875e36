import { secretKind } from "./paths.ts";

/** One-liners in other languages that can be proven harmless. All else is opaque, so these may say no too often. */

const maxLength = 2_000;

const stringLiteral = /(?<![\w)\]])([bru]{0,2})("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')/g;

const pythonModules = new Set(
  "sys json math re datetime platform string textwrap itertools collections statistics time".split(" "),
);
const pythonCalls = new Set(
  "print len range str int float sum min max sorted list dict set tuple abs round repr json.load json.loads json.dumps sys.stdin.read read readlines sys.stdin.readlines sys.stdin.readline join split strip upper lower replace startswith endswith keys values items get platform.python_version platform.platform platform.system platform.machine math.sqrt math.floor math.ceil enumerate zip reversed any all bool type format count index splitlines re.search re.match re.findall re.split findall search group groups datetime.datetime.now datetime.date.today isoformat strftime time.time open".split(
    " ",
  ),
);
const pythonWords = new Set("import for in if else and or not is lambda None True False".split(" "));

export function isHarmlessPython(code: string): boolean {
  if (code.length > maxLength || /[^\x20-\x7e\n]/.test(code)) return false;
  const strings: string[] = [];
  const withoutStrings = code.replaceAll(stringLiteral, (_, prefix: string, text: string) => {
    strings.push(prefix + text);
    return " 0 ";
  });
  // `with open(path) as f:` gives an open file another name, and no function.
  const bare = withoutStrings.replaceAll(/\bwith (open\s*\(\s*0\s*\)) as [a-z]\w?:/g, "if $1:");
  if (/["'`\\@]|__|\bfrom\b|\bas\b|(?<![=!<>])=(?!=)\s*(eval|exec|open|print)(?!\s*\()|[\])]\s*\(/.test(bare))
    return false;
  if (
    /\bf 0 /.test(bare) ||
    strings.some((text) => /^\w*f/.test(text) || secretKind(text.slice(1, -1)) === "private")
  )
    return false;
  // `open(path)` reads; a second argument could make it write.
  if (/\bopen\s*\((?!\s*0\s*\))/.test(bare)) return false;
  for (const [, names = ""] of bare.matchAll(/\bimport\s+([\w., ]+)/g)) {
    if (!names.split(",").every((name) => pythonModules.has(name.trim()))) return false;
  }
  return (
    onlyCalls(bare, pythonCalls, pythonWords) &&
    !/\b(sys\.(?!argv|stdin|version|path|platform|stdout))/.test(bare)
  );
}

const scriptCalls = new Set(
  "console.log console.table console.dir JSON.stringify JSON.parse Object.keys Object.values Object.entries Object.fromEntries Math.max Math.min Math.round Math.floor Math.ceil Math.sqrt Math.abs join map filter slice sort includes split trim toUpperCase toLowerCase toFixed toISOString toString startsWith endsWith padStart padEnd flat concat find some every indexOf Number String Boolean parseInt parseFloat Date.now isNaN Array.isArray Array.from".split(
    " ",
  ),
);
const scriptWords = new Set("const let typeof of in if else return for".split(" "));

export function isHarmlessJavaScript(code: string): boolean {
  if (code.length > maxLength || /[^\x20-\x7e\n]/.test(code)) return false;
  const withData = code.replaceAll(/\brequire\((["'])\.{1,2}\/[\w./-]+\.json\1\)/g, " DATA ");
  const bare = withData.replaceAll(stringLiteral, " 0 ");
  if (
    /["'`\\]|__proto__|\b(new|import|require|constructor|prototype|eval|Function|globalThis|mainModule|binding|dlopen)\b/.test(
      bare,
    )
  )
    return false;
  if (
    /[\])]\s*\(|\?\.\(|\.\s*\w+\s*=(?![=>])|\]\s*=(?!=)|\bprocess\.(?!version\b|versions\b|platform\b|arch\b|cwd\(\))/.test(
      bare,
    )
  )
    return false;
  return onlyCalls(bare.replaceAll("process.cwd()", "0"), scriptCalls, scriptWords);
}

/** Every name that is followed by a parenthesis is one that we know, alone or as the last of a path. */
function onlyCalls(bare: string, calls: ReadonlySet<string>, words: ReadonlySet<string>): boolean {
  for (const [, path = ""] of bare.matchAll(/([A-Za-z_$][\w$]*(?:\s*\.\s*[A-Za-z_$][\w$]*)*)\s*\(/g)) {
    const name = path.replaceAll(/\s/g, "");
    const last = name.slice(name.lastIndexOf(".") + 1);
    const isMethod = name !== last && calls.has(last) && !name.startsWith("os.");
    if (!calls.has(name) && !isMethod && !words.has(last)) return false;
  }
  return true;
}

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
