import type { Call, Judge, Rules } from "../call.ts";
import { isHarmlessPerl, isPlainPrint } from "../code.ts";
import type { Effects } from "../code-tokens.ts";
import { namesKnownHost } from "../hosts.ts";
import { proveJavaScript } from "../javascript-program.ts";
import { hasMarker, showMarkers } from "../markers.ts";
import { parseOptions } from "../options.ts";
import { secretKind } from "../paths.ts";
import { provePython } from "../python-program.ts";
import { each, guarded, onlyAsksAbout } from "../rules.ts";
import { live, opaque, type Verdict, worst } from "../verdict.ts";
import { testRunner } from "./checks.ts";

/** Code that we cannot prove: live when it names a host of ours or holds a command that is, opaque otherwise. */
function judgeCode(call: Call, code: string): Verdict {
  if (namesKnownHost(code, call.world.facts)) {
    return live(`The code that "${call.name}" runs names a host of the inventory.`, call.name);
  }
  const strings = [...code.matchAll(/["'`]([^"'`\n]{3,200})["'`]/g)]
    .slice(0, 16)
    .map(([, text = ""]) => text);
  const inner = strings
    .filter((text) => /^\w+ /.test(text))
    .map((text) => call.world.judgeScript(text, { kind: "none" }))
    .find((verdict) => verdict?.answer === "live");
  return inner ?? opaque(`What the code that "${call.name}" is given does cannot be proven.`, call.name);
}

function judgeProven(call: Call, code: string, effects: Effects | null): Verdict | null {
  return effects === null ? judgeCode(call, code) : worst(...effects.writes.map(call.world.judgeWrite));
}

function judgeFile(call: Call, file: string): Verdict {
  return opaque(`"${call.name} ${showMarkers(file)}" runs a program that the guard does not read.`, file);
}

interface Given {
  code: string;
  /** The options up to the one that the code follows. */
  options: readonly string[];
}

/** `node -pe code`, `python3 -Ic code`: the letter may stand in a cluster. */
function codeAfter(args: readonly string[], flag: RegExp): Given | undefined {
  const at = args.findIndex((arg) => !arg.startsWith("-") || flag.test(arg));
  const arg = args[at];
  if (arg === undefined || !arg.startsWith("-")) return undefined;
  const joined = /^--[\w-]+=(.*)$/s.exec(arg)?.[1];
  return { code: joined ?? args[at + 1] ?? "", options: args.slice(0, at + 1) };
}

/** They change how the code runs, but load no other, and read no more from standard input. */
const plainPython = /^-[BbcdEIOPqsSuv]+$/;
const plainNode =
  /^(-[pe]{1,2}|--(eval|print)(=.*)?|--(no-warnings|enable-source-maps|input-type=(module|commonjs)|trace-\w+|experimental-(strip-types|transform-types|vm-modules)|(max-old-space|stack)-size=\d+))$/s;

const plainNodeAlone = /^--(no-warnings|input-type=(module|commonjs)|trace-\w+)$/;

const modules: Readonly<Record<string, string>> = {
  pytest: "pytest",
  unittest: "pytest",
  mypy: "mypy",
  ruff: "ruff",
  black: "black",
  flake8: "flake8",
  isort: "isort",
  pylint: "pylint",
  coverage: "coverage",
  pyflakes: "pyflakes",
  bandit: "bandit",
  vulture: "vulture",
  pip: "pip",
};
const harmlessModules =
  /^(json\.tool|py_compile|compileall|venv|tokenize|ast|dis|calendar|this|platform|sysconfig|site|tabnanny|zipfile|tarfile|base64)$/;

const python: Judge = (call) => {
  const { args } = call;
  if (onlyAsksAbout(args)) return null;
  const at = args.findIndex((arg) => /^-[A-Za-z]*m$/.test(arg));
  const given = codeAfter(args, /^-[A-Za-z]*c$|^--command/);
  if (given) {
    const isPlain = given.options.every((option) => plainPython.test(option));
    return judgeProven(call, given.code, isPlain ? provePython(given.code) : null);
  }
  if (at >= 0 && args.slice(0, at).every((arg) => arg.startsWith("-")))
    return judgeModule(call, args.slice(at + 1));
  const isBare = args.every((arg) => arg === "-" || plainPython.test(arg));
  return isBare && call.stdin.kind === "text"
    ? judgeProven(call, call.stdin.text, provePython(call.stdin.text))
    : judgeProgram(call);
};

function judgeModule(call: Call, [module = "", ...args]: readonly string[]): Verdict | null {
  if (module === "http.server") return judgeFileServer(call, args);
  if (module === "timeit") return opaque('"timeit" runs the code that it is given.', module);
  if (harmlessModules.test(module)) return worst(...writtenBy(module, args).map(call.world.judgeWrite));
  const program = modules[module];
  if (program !== undefined) return call.world.judgeWords([program, ...args], call.stdin);
  return opaque(`"${call.name} -m ${showMarkers(module)}" is a module that the guard does not know.`, module);
}

/** Everybody who reaches it may read the folder: for this machine alone, and none with credentials in it. */
function judgeFileServer(call: Call, args: readonly string[]): Verdict | null {
  const { flags } = parseOptions(args, { values: "-b -d -p --bind --directory --protocol", flags: "" });
  const bound = flags.filter(({ name }) => /^(-b|--bind)$/.test(name));
  const isHere =
    bound.length > 0 &&
    flags.every(({ known }) => known) &&
    bound.every(({ value = "" }) => /^(127\.0\.0\.1|localhost|::1)$/.test(value));
  const folder = flags.find(({ name }) => /^(-d|--directory)$/.test(name))?.value ?? "";
  return isHere && secretKind(folder) === null && !hasMarker(folder)
    ? null
    : opaque(`"${call.name} -m http.server" shows files to whoever reaches it.`, "http.server");
}

/** The archive that is made, the folder that one is unpacked into, or the file that a text is formatted into. */
function writtenBy(module: string, args: readonly string[]): readonly string[] {
  const [first, second] = args.filter((arg) => !arg.startsWith("-"));
  const written = module === "venv" || args.some((arg) => /^(-c|--create)$/.test(arg)) ? first : second;
  return written === undefined || args.some((arg) => /^(-[lt]|--(list|test))$/.test(arg)) ? [] : [written];
}

/** A file, standard input, or nothing at all. */
function judgeProgram(call: Call): Verdict {
  const file = call.args.find((arg) => !arg.startsWith("-"));
  if (file !== undefined) return judgeFile(call, file);
  if (call.stdin.kind === "text") return judgeCode(call, call.stdin.text);
  return opaque(`"${call.name}" runs what it is sent, which is not known before it runs.`, call.name);
}

const checksNode = guarded({
  singleDash: false,
  values: "-r --test-name-pattern --test-reporter --test-concurrency --test-timeout",
  stops:
    "-r --require --import --loader --experimental-loader --inspect --inspect-brk --env-file -e --eval -p --print",
});

const node: Judge = (call) => {
  const { args } = call;
  if (onlyAsksAbout(args)) return null;
  const given = codeAfter(args, /^-[pe]{1,2}$|^--(eval|print)(=|$)/);
  if (given) {
    const isPlain = given.options.every((option) => plainNode.test(option));
    return judgeProven(call, given.code, isPlain ? proveJavaScript(given.code) : null);
  }
  const at = args.findIndex((arg) => !plainNode.test(arg));
  if (/^(--check|-c|--test)$/.test(args[at] ?? "")) {
    const checked = { ...call, args: args.slice(at + 1) };
    return worst(checksNode(checked), args[at] === "--test" ? testRunner(checked) : null);
  }
  return args.every((arg) => arg === "-" || plainNodeAlone.test(arg)) && call.stdin.kind === "text"
    ? judgeProven(call, call.stdin.text, proveJavaScript(call.stdin.text))
    : judgeProgram(call);
};

const perl: Judge = (call) => {
  if (onlyAsksAbout(call.args)) return null;
  const { args } = call;
  const at = args.findIndex((arg) => /^-[lnpia0wsF.~:|,\w]*[eE]$/.test(arg));
  const isPlain =
    args.slice(0, at).every((arg) => /^-[lnpiw0]+(\.\w+)?$/.test(arg)) &&
    /^-[lnpiw0]*[eE]$/.test(args[at] ?? "");
  if (at < 0) return args[0] === "-c" ? opaque('"perl -c" runs BEGIN blocks.', "perl") : judgeProgram(call);
  const code = args[at + 1] ?? "";
  if (!isPlain || !(isHarmlessPerl(code) || isPlainPrint(code))) return judgeCode(call, code);
  const files = args.slice(at + 2);
  if (files.some((file) => /^-|[|<>]/.test(file))) return judgeCode(call, code);
  const isInPlace = args.slice(0, at + 1).some((arg) => arg.includes("i"));
  return isInPlace ? worst(...files.map((file) => call.world.judgeWrite(file))) : null;
};

const other: Judge = (call) => {
  if (onlyAsksAbout(call.args)) return null;
  if (call.name === "ruby" && /^-w?c$/.test(call.args[0] ?? "")) return null;
  if (call.name === "php" && /^(-m|-i|--ini|--modules|--info)$/.test(call.args.join(" "))) return null;
  if (call.name === "php" && call.args[0] === "-l") return null;
  const code = codeAfter(call.args, /^-[a-zA-Z]*[er]$|^--(eval|execute)/)?.code;
  if (code === undefined) return judgeProgram(call);
  const isAlone = call.args.length === 2 && /^(ruby|php)$/.test(call.name);
  return isAlone && isPlainPrint(code) ? null : judgeCode(call, code);
};

export const interpreters: Rules = {
  ...each("python python2 python3 python3.9 python3.10 python3.11 python3.12 python3.13 pypy pypy3", python),
  ...each("node nodejs", node),
  perl,
  ...each(
    "ipython ruby php lua luajit tclsh wish Rscript R julia osascript groovy scala irb guile racket sbcl erl elixir iex ghci runghc ts-node tsx kotlin java jshell crystal",
    other,
  ),
};
