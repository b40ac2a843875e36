import { posix } from "node:path";
import type { Stdin } from "./call.ts";
import { foundPaths, soughtName } from "./found-names.ts";
import { GLOB, hasMarker, PLAIN, UNKNOWN } from "./markers.ts";
import { parseOptions } from "./options.ts";

/** Programs that print a path, a number, a date or a name: their output is no option, no host and no program. */
const plainPrinters = new Set(
  "pwd date whoami id hostname uname nproc mktemp wc du df sha256sum md5sum sha1sum arch tty uuidgen logname getconf".split(
    " ",
  ),
);
const plainGit =
  /^(rev-parse|merge-base|describe|rev-list|write-tree|hash-object|ls-files|diff|branch|log|show)$/;
/** A format of one's own prints whatever it says, unless it begins with a field. */
const ownFormat =
  /^(\+(?!%)|--?(format|pretty)=(?!%|format:%)|--(format|pretty|suffix|tmpdir|sq-quote|parseopt)$|-[ptf])/;

/** Programs that print names of files, one on a line. */
const listers = new Set(
  "find fd fdfind ls tree git rg grep egrep fgrep dirname basename sort uniq head tail".split(" "),
);

/** What a command prints, where its words say it: `echo`, `printf`, `mktemp`, `cat` of a here-document. Null when unknown. */
export function constantOutput(words: readonly string[], stdin: Stdin): string | null {
  const [name, ...args] = words;
  if (name === "echo") return echoOutput(args);
  if (name === "printf") return printfOutput(args);
  if (name === "mktemp") return freshName(args);
  if (name === "cat" && args.every((arg) => arg === "-") && stdin.kind === "text") return stdin.text;
  return null;
}

/** The marker that stands for a command's output, if it is not known word for word. */
export function outputMarker(words: readonly string[]): string {
  const [name = "", ...args] = words;
  const [sub = ""] = args;
  if (words.some((word) => ownFormat.test(word))) return UNKNOWN;
  if (/^(basename|dirname|ls|find)$/.test(name) && !words.some((word) => word.includes(UNKNOWN)))
    return printedPath(name, args);
  if (plainPrinters.has(name)) return PLAIN;
  return name === "git" && plainGit.test(sub) ? PLAIN : UNKNOWN;
}

/** The path that is printed, as far as it is known; of several any. */
function printedPath(name: string, args: readonly string[]): string {
  const operands = args.filter((arg) => !arg.startsWith("-"));
  const [path = "", ...others] = name === "find" ? foundPaths(args) : operands;
  if (name === "find") return others.length === 0 ? path : soughtName(args);
  const isOne = others.length === 0 && path !== "" && !path.includes(PLAIN);
  if (name === "dirname" && isOne) return posix.dirname(path);
  // Of a folder it prints what is in it, without the folder.
  if (name === "ls" && isOne && (path.includes(GLOB) || args.includes("-d"))) return path;
  return name === "basename" && isOne && !hasMarker(path) ? posix.basename(path) : GLOB;
}

/** What the names that a command prints look like; null when it prints something else. */
export function printedNames(words: readonly string[], stdin: Stdin): readonly string[] | null {
  const [name = "", ...args] = words;
  if (!listers.has(name)) return null;
  const isFilter = /^(sort|uniq|head|tail|grep|egrep|fgrep|rg)$/.test(name);
  if (isFilter && stdin.kind === "names") return stdin.like;
  const lists = isFilter
    ? /grep$|^rg$/.test(name) && words.some((word) => /^-\w*[lL]|^--files/.test(word))
    : !words.some((word) => /^-(printf|fprintf|exec)/.test(word));
  if (!lists) return null;
  if (name === "find") return hasMarker(args.join("")) ? [PLAIN] : foundPaths(args);
  // Where it looks, behind a pattern or a verb.
  const operands = args.filter((arg) => /^[^-\uE000-\uE002]/.test(arg));
  return [
    PLAIN,
    ...operands.slice(name === "ls" ? 0 : 1).filter((operand) => !/^\.{0,2}\/?$/.test(operand)),
  ].slice(0, 8);
}

/** A name that nothing has yet. Which letters stand for the last ones of its template makes no difference to any rule. */
function freshName(args: readonly string[]): string | null {
  const { flags, operands } = parseOptions(args, { values: "-p", flags: "-d -q -u -t --directory --quiet" });
  const [template = "tmp.XXXXXXXXXX"] = operands;
  if (operands.length > 1 || hasMarker(args.join()) || flags.some(({ known }) => !known)) return null;
  const folder = flags.find(({ name }) => name === "-p")?.value;
  const isTemporary = operands.length === 0 || flags.some(({ name }) => name === "-t");
  if (folder !== undefined) return `${folder}/${template}`;
  return isTemporary ? `/tmp/${template}` : template;
}

function echoOutput(args: readonly string[]): string | null {
  let start = 0;
  while (/^-[ne]+$/.test(args[start] ?? "")) start += 1;
  const text = args.slice(start).join(" ");
  // Shells disagree on what echo does with a backslash.
  return text.includes("\\") || text.includes(UNKNOWN) ? null : `${text}\n`;
}

function printfOutput(args: readonly string[]): string | null {
  const [format = "", ...values] = args[0] === "--" ? args.slice(1) : args;
  if (hasMarker(format) || values.some((value) => value.includes(UNKNOWN))) return null;
  const plain = format.replaceAll("\\n", "\n").replaceAll("\\t", "\t");
  if (plain.includes("\\")) return null;
  const places = plain.split("%s");
  if (places.some((piece) => piece.includes("%"))) return null;
  if (places.length === 1) return plain;
  let output = "";
  for (let at = 0; at === 0 || at < values.length; at += places.length - 1) {
    output += places
      .map((piece, index) => (index === 0 ? piece : (values[at + index - 1] ?? "") + piece))
      .join("");
  }
  return output;
}
