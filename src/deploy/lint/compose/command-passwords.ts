import { isSecretName } from "../../../text/secret-values.ts";
import type { Spot } from "../rule.ts";
import type { Service } from "./service.ts";
import type { Value } from "./value.ts";

/** A value that is given to a program on its command line as a password. */
export interface CommandPassword {
  /** As it is written, quotes taken off. */
  readonly value: string;
  /** The place in the file where its word stands. */
  readonly spot: Spot;
  /** Where it is, as "the command". */
  readonly where: string;
}

interface Word {
  readonly text: string;
  readonly spot: Spot;
}

const COMMANDS = [
  { path: ["command"], where: "the command" },
  { path: ["entrypoint"], where: "the entrypoint" },
  { path: ["healthcheck", "test"], where: "the health check" },
] as const;

/** Programs whose option for a password is a letter: how it stands, in one word or two. */
const LETTERS: readonly (readonly [programs: RegExp, password: RegExp])[] = [
  [/^(?:mysql|mariadb)(?:admin|dump|check|sh|-admin|-dump|-check)?$/, / -p(\S+)$/],
  [/^(?:redis|valkey|keydb)-cli$/, /^-a (\S+)$/],
  [/^mongo(?:sh|dump|restore|stat)?$/, /^-p (\S+)$/],
  [/^sqlcmd$/, /^-P (\S+)$/],
  [/^curl$/, /(?:^-u|^--user| --user=) ?[^:\s]+:(\S+)$/],
];

/** Passwords in what a service runs: `redis-server --requirepass X`, `mysqladmin -pX`, `--password=X`, `PGPASSWORD=X psql`. */
export function passwordsInCommands(service: Service): CommandPassword[] {
  return COMMANDS.flatMap(({ path, where }) => {
    const words = service.items(...path).flatMap(wordsOf);
    return words.flatMap(({ spot }, at) => {
      const value = passwordAt(words, at);
      return value === undefined ? [] : [{ value: value.replace(/^["']|["']$/g, ""), spot, where }];
    });
  });
}

function wordsOf(item: Value): Word[] {
  return item.text.split(/[\s;&|()]+/).flatMap((text) => (text === "" ? [] : [{ text, spot: item }]));
}

function passwordAt(words: readonly Word[], at: number): string | undefined {
  const text = words[at]?.text ?? "";
  const before = words[at - 1]?.text ?? "";
  const [, name = "", value] = /^(?:--?)?([A-Za-z_][\w-]*)=(.+)$/.exec(text) ?? [];
  if (isSecretName(name)) return value;
  const [, option = ""] = /^--?([A-Za-z][\w-]{3,})$/.exec(before) ?? [];
  if (isPasswordOption(option) && !text.startsWith("-")) return text;
  const program = programOf(words.slice(0, at));
  const letter = LETTERS.find(([programs]) => programs.test(program));
  return letter?.[1].exec(`${before} ${text}`)?.[1];
}

function isPasswordOption(name: string): boolean {
  return /^(?:requirepass|masterauth|pass)$/.test(name) || (isSecretName(name) && !name.endsWith("-stdin"));
}

/** Which of the programs the words are arguments of. */
function programOf(words: readonly Word[]): string {
  const names = words.map(({ text }) => text.split("/").at(-1) ?? "");
  return names.findLast((name) => LETTERS.some(([programs]) => programs.test(name))) ?? "";
}
