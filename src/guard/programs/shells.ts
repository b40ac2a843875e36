import type { Call, Judge, Rules } from "../call.ts";
import { hasMarker, showMarkers, UNKNOWN } from "../markers.ts";
import { each, onlyAsksAbout } from "../rules.ts";
import { live, opaque, type Verdict, worst } from "../verdict.ts";

interface ShellWords {
  isCommand: boolean;
  checksOnly: boolean;
  isInteractive: boolean;
  readsInput: boolean;
  rest: readonly string[];
  odd: string | undefined;
}

/** `bash -euxo pipefail -c text`: letters in any order, the text is the first operand. */
function readShellWords(args: readonly string[]): ShellWords {
  const words: ShellWords = {
    isCommand: false,
    checksOnly: false,
    isInteractive: false,
    readsInput: false,
    rest: [],
    odd: undefined,
  };
  let at = 0;
  while (at < args.length) {
    const arg = args[at] ?? "";
    if (!/^[-+]/.test(arg)) break;
    at += 1;
    if (arg === "--" || arg === "-") break;
    if (arg.startsWith("--")) readLongOption(arg, words);
    else if (arg.startsWith("-")) readLetters(arg, words);
    // `+n` takes `-n` back.
    else if (arg.includes("n")) words.odd = arg;
    if (/^[-+]\w*[oO]$/.test(arg)) at += 1;
  }
  words.rest = args.slice(at);
  return words;
}

function readLongOption(arg: string, words: ShellWords): void {
  if (!/^--(login|norc|noprofile|posix|restricted|verbose|no-config|private)$/.test(arg)) words.odd = arg;
  if (/^--command(=|$)/.test(arg)) words.isCommand = true;
}

function readLetters(arg: string, words: ShellWords): void {
  if (arg.includes("c")) words.isCommand = true;
  if (arg.includes("n")) words.checksOnly = true;
  if (arg.includes("i")) words.isInteractive = true;
  if (arg.includes("s")) words.readsInput = true;
  if (/[^a-zA-Z-]/.test(arg)) words.odd = arg;
}

/** Shells whose language is not bash's: only text that reads alike in all of them is believed. */
const foreign = /^(zsh|fish|csh|tcsh|elvish|nu|xonsh|rc|es|(pwsh|powershell)(\.exe)?)$/;
/** `-n` only reads the script here, unless the shell is interactive; to others it means something else. */
const checksSyntax = /^(sh|bash|rbash|dash|ash|ksh|mksh|oksh|yash|zsh|fish)$/;
const plainText = /^[\w\s./,:=-]*$/;

/** With `-n`, what it is given is looked through and not run. */
function onlyReads(call: Call, words: ShellWords): boolean {
  if (!words.checksOnly || words.isInteractive || !checksSyntax.test(call.name)) return false;
  const isFile = words.rest.length > 0 && !words.isCommand && !words.readsInput;
  return isFile || (!foreign.test(call.name) && (words.isCommand || call.stdin.kind !== "none"));
}

const shell: Judge = (call) => {
  if (onlyAsksAbout(call.args) && call.args[0] !== "-v" && call.args[0] !== "-h") return null;
  const words = readShellWords(call.args);
  const odd =
    words.odd === undefined
      ? null
      : opaque(`The option ${showMarkers(words.odd)} of "${call.name}" is not known.`, words.odd);
  const isNetworked = call.args.some((arg) => arg.includes("/dev/tcp/"));
  if (onlyReads(call, words)) return odd;
  if (words.isCommand) return worst(odd, judgeText(call, words.rest[0] ?? UNKNOWN, positional(words.rest)));
  if (words.rest.length > 0 && !words.readsInput) {
    const file = words.rest[0] ?? "";
    const reason = `"${call.name} ${showMarkers(file)}" runs a file that the guard does not read.`;
    return worst(odd, isNetworked ? live(reason, file) : opaque(reason, file));
  }
  return worst(odd, judgeInput(call));
};

/** Its options may be cut short, in any case, and begin with a slash. What follows `-Command` is the text. */
const powerShell: Judge = (call) => {
  if (onlyAsksAbout(call.args)) return null;
  const at = call.args.findIndex((arg) => /^(--?|\/)c(o(m(m(a(nd?)?)?)?)?)?$/i.test(arg));
  if (at >= 0) return judgeText(call, call.args.slice(at + 1).join(" "));
  return opaque(`"${call.name}" runs a file, or what it is sent, which the guard does not read.`, call.name);
};

/** From `$1` on. A word that is not known may be several, so what follows it has no certain place. */
function positional([, ...words]: readonly string[]): readonly string[] {
  const end = words.findIndex(hasMarker);
  return words.slice(1, end < 0 ? words.length : end + 1);
}

function judgeText(call: Call, text: string, given?: readonly string[]): Verdict | null {
  const inner = call.world.judgeScript(text, call.stdin, given);
  if (!foreign.test(call.name) || plainText.test(text)) return inner;
  return worst(opaque(`"${call.name}" reads its text in another way than bash.`, call.name), inner);
}

function judgeInput(call: Call): Verdict | null {
  if (call.stdin.kind === "text") return judgeText(call, call.stdin.text);
  if (call.stdin.kind === "none")
    return opaque(`"${call.name}" is a shell that waits for commands.`, call.name);
  return opaque(`"${call.name}" runs what it is sent, which is not known before it runs.`, call.name);
}

const busyboxShells = /^(sh|ash|hush)$/;

/** An applet is the program of that name. */
const busybox: Judge = (call) => {
  const [applet = "", ...args] = call.args;
  if (applet === "" || applet.startsWith("--")) return null;
  if (busyboxShells.test(applet)) return shell({ ...call, name: applet, args });
  return call.world.judgeWords(call.args, call.stdin);
};

export const shells: Rules = {
  ...each("sh bash dash ash ksh mksh oksh yash zsh fish csh tcsh rbash elvish nu xonsh", shell),
  ...each("pwsh pwsh.exe powershell powershell.exe", powerShell),
  ...each("busybox toybox", busybox),
};
