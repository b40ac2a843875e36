import type { Call, Judge, Stdin, World } from "./call.ts";
import { namesKnownHost } from "./hosts.ts";
import { hasMarker, showMarkers } from "./markers.ts";
import { judgeNamedFiles } from "./named-files.ts";
import { secretKind } from "./paths.ts";
import { isRemoteProgram, programs } from "./programs/programs.ts";
import { isAllowedScript } from "./scripts.ts";
import { live, opaque, type Verdict, worst } from "./verdict.ts";

/** The build tools' own starters, which a project brings along: they build it, as the installed ones do. */
const buildStarter = /^\.\/(gradlew|mvnw)$/;
const systemFolder =
  /^(\/usr(\/local)?)?\/s?bin\/[^/]+$|^(\.\/)?(node_modules\/\.|\.?venv\/|vendor\/)bin\/[^/]+$/;

/** Programs that look at a file's name, or that use a key for what it is there for. */
const usesNotReads = new Set(
  "docker podman ls stat test [ chmod chown file find ssh scp sftp ssh-keygen ssh-add cd pushd mkdir touch echo printf git tree du rm which type openssl man".split(
    " ",
  ),
);

/** One simple command whose words are resolved. `functions` are the names that the script itself defines. */
export function judgeCommand(
  words: readonly string[],
  stdin: Stdin,
  world: World,
  functions: ReadonlyMap<string, unknown>,
): Verdict | null {
  const [first, ...args] = words;
  if (first === undefined) return null;
  if (hasMarker(first) || first === "") {
    const reason = "Which program runs is not known before it runs, so nothing about it can be proven.";
    return worst(opaque(reason, showMarkers(first)), findRemote(args, stdin, world));
  }
  // Elsewhere, the same words run what somebody else wrote.
  if (isAllowedScript(words, world.facts) && world.isInProject()) return null;
  const name = first.slice(first.lastIndexOf("/") + 1);
  const rule = programs.get(name);
  if (rule === undefined) {
    return functions.has(first) ? null : judgeUnknown(first, args, stdin, world);
  }
  const verdict = judgeKnown(rule, { name, args, stdin, world });
  if (verdict !== null || !first.includes("/") || systemFolder.test(first)) return verdict;
  if (buildStarter.test(first)) return world.judgeWrite(first);
  return opaque(
    `"${first}" is a file of that name, not the program that is installed on this machine.`,
    first,
  );
}

function judgeKnown(rule: Judge, call: Call): Verdict | null {
  const secrets = usesNotReads.has(call.name) ? null : judgeSecrets(call);
  const verdict = worst(rule(call), secrets, judgeNamedFiles(call));
  return verdict?.answer === "opaque" ? worst(verdict, judgeSpelled(call)) : verdict;
}

/** The program of an awk, an editor or a setting that spells a command for one of our hosts. Only for what is gated. */
function judgeSpelled({ args, name, stdin, world }: Call): Verdict | null {
  const texts = stdin.kind === "text" ? [...args, stdin.text] : args;
  const text = texts.find((each) => /\s/.test(each) && namesKnownHost(each, world.facts));
  const program = text
    ?.split(/[^\w./-]+/)
    .slice(0, 64)
    .find((word) => isRemoteProgram(word.slice(word.lastIndexOf("/") + 1)));
  return program === undefined
    ? null
    : live(`What "${name}" is given spells "${program}" and a host of the inventory.`, program);
}

/** Credentials of the person are not for an agent's eyes; a project's own secrets may be read, but not sent. */
function judgeSecrets({ args, name, world }: Call): Verdict | null {
  for (const arg of args) {
    const kind = secretKind(arg);
    if (kind !== null) world.noteSecret();
    if (kind === "private")
      return opaque(`"${name}" reads "${showMarkers(arg)}", which holds credentials.`, arg);
  }
  return null;
}

/**
 * A program that is installed, asked what it is and nothing else. Not `-v`, `-h` or a word, which mean other things to
 * some; nor a file of the project's, which is a script like any other.
 */
function asksForVersion(first: string, args: readonly string[]): boolean {
  return (
    args.length === 1 && /^(--version|--help|-V)$/.test(args[0] ?? "") && /^[A-Za-z0-9][\w.+-]*$/.test(first)
  );
}

function judgeUnknown(first: string, args: readonly string[], stdin: Stdin, world: World): Verdict | null {
  if (asksForVersion(first, args) && !namesKnownHost(first, world.facts)) return null;
  const named = args.find((arg) => namesKnownHost(arg, world.facts));
  const verdict =
    named === undefined
      ? opaque(`"${first}" is a program that the guard does not know.`, first)
      : live(`"${first}" is given "${named}", which names a host of the inventory.`, named);
  return worst(verdict, findRemote(args, stdin, world));
}

const maxTries = 8;

/** A program that reaches other machines, among the arguments of something that may run it. */
function findRemote(args: readonly string[], stdin: Stdin, world: World): Verdict | null {
  let tries = 0;
  for (const [index, arg] of args.entries()) {
    if (!isRemoteProgram(arg.slice(arg.lastIndexOf("/") + 1))) continue;
    const verdict = world.judgeWords(args.slice(index), stdin);
    if (verdict?.answer === "live") return verdict;
    tries += 1;
    if (tries >= maxTries) return null;
  }
  return null;
}
