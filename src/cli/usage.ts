import type { CommanderError } from "commander";
import { Exit, VibeopsError } from "../errors.ts";
import { nearest } from "../text/similar.ts";
import { commands, groups } from "./commands.ts";

/** `help memo new` and `memo help new` ask for what `memo new --help` prints; a leading `--json` belongs to the command. */
export function normalizeArguments(given: readonly string[]): string[] {
  const leading = given.findIndex((arg) => arg !== "--json");
  const argv = leading > 0 ? [...given.slice(leading), "--json"] : [...given];
  if (argv[0] === "help") return [...argv.slice(1), "--help"];
  const [group = "", help, ...rest] = argv;
  return isGroup(group) && help === "help" ? [group, ...rest, "--help"] : argv;
}

/**
 * Refuses words that name no command before anything is loaded or shown, `--help` or not.
 *
 * @throws VibeopsError `usage.command` (exit 2) with the nearest command
 */
export function requireKnownCommand(argv: readonly string[]): void {
  const [first, second] = argv;
  if (first === "--json") throw incomplete(undefined);
  if (second === "--json" && argv.length === 2 && isGroup(first ?? "")) throw incomplete(first);
  if (first === undefined || first.startsWith("-")) return;
  if (!isGroup(first)) {
    if (commands.some((spec) => wordsOf(spec.usage)[0] === first)) return;
    throw unknownCommand(first, [...Object.keys(groups), ...commands.map((spec) => nameOf(spec.usage))]);
  }
  if (second === undefined || second.startsWith("-")) return;
  const names = commandsOf(first);
  if (names.includes(`${first} ${second}`)) return;
  throw unknownCommand(`${first} ${second}`, names);
}

/** What commander found wrong with a command line, as one of our errors; it writes nothing itself. */
export function usageError(error: CommanderError, argv: readonly string[]): VibeopsError {
  const name = argv.filter((arg) => !arg.startsWith("-")).slice(0, isGroup(argv[0] ?? "") ? 2 : 1);
  const help = ["vibeops", ...name, "--help"].join(" ");
  const [, message = "", suggestion] =
    /^(?:error: )?([^\n]*)(?:\n\((Did you mean [^\n]*)\))?/.exec(error.message) ?? [];
  return new VibeopsError({
    code: "usage.line",
    exit: Exit.usage,
    message: message.replace(/\.$/, ""),
    fix: suggestion === undefined ? `see: ${help}` : `${suggestion.toLowerCase()} See: ${help}`,
  });
}

function incomplete(group: string | undefined): VibeopsError {
  const names = group === undefined ? firstWords() : commandsOf(group);
  return new VibeopsError({
    code: "usage.command",
    exit: Exit.usage,
    message: group === undefined ? "no command was given" : `'${group}' needs one more word`,
    fix: `one of: ${names.join(", ")}`,
  });
}

function unknownCommand(words: string, names: readonly string[]): VibeopsError {
  const near = nearest(words, names) ?? nearestLastWord(words, names);
  const group = words.includes(" ") ? `${words.split(" ", 1)[0]} ` : "";
  return new VibeopsError({
    code: "usage.command",
    exit: Exit.usage,
    message: `unknown command '${words}'`,
    fix:
      near === undefined
        ? `one of: ${(group === "" ? firstWords() : names).join(", ")}`
        : `did you mean: vibeops ${near}? All of them: vibeops ${group}--help`,
  });
}

/** `lst` means `memo list`, and `memo lst` does too, however long the group's name is. */
function nearestLastWord(words: string, names: readonly string[]): string | undefined {
  const last = (name: string) => name.slice(name.lastIndexOf(" ") + 1);
  const near = nearest(last(words), names.map(last));
  return names.find((name) => last(name) === near);
}

function firstWords(): string[] {
  return [
    ...Object.keys(groups),
    ...commands.map((spec) => nameOf(spec.usage)).filter((name) => !name.includes(" ")),
  ];
}

function isGroup(word: string): boolean {
  return Object.hasOwn(groups, word);
}

function commandsOf(group: string): string[] {
  return commands.map((spec) => nameOf(spec.usage)).filter((name) => name.startsWith(`${group} `));
}

function wordsOf(usage: string): string[] {
  return usage.split(" ").filter((word) => /^[a-z]/.test(word));
}

function nameOf(usage: string): string {
  return wordsOf(usage).join(" ");
}
