import { type ParseArgsConfig, parseArgs } from "node:util";
import { ComposeError } from "./compose-error.ts";
import type { ProjectOptions } from "./project.ts";

export type Flags = Record<string, string | boolean | (string | boolean)[] | undefined>;
type Options = NonNullable<ParseArgsConfig["options"]>;

const GLOBAL: Options = {
  ansi: { type: "string" },
  "env-file": { type: "string", multiple: true },
  file: { type: "string", short: "f", multiple: true },
  profile: { type: "string", multiple: true },
  progress: { type: "string" },
  "project-directory": { type: "string" },
  "project-name": { type: "string", short: "p" },
};

const NONE: Options[string] = { type: "boolean" };
const VALUE: Options[string] = { type: "string" };
const TIMEOUT: Options = { timeout: { type: "string", short: "t" } };

const BY_COMMAND: Readonly<Record<string, Options>> = {
  config: {
    quiet: { type: "boolean", short: "q" },
    services: NONE,
    images: NONE,
    volumes: NONE,
    format: VALUE,
  },
  down: { ...TIMEOUT, "remove-orphans": NONE, volumes: { type: "boolean", short: "v" } },
  exec: {
    "no-TTY": { type: "boolean", short: "T" },
    env: { type: "string", short: "e", multiple: true },
    user: { type: "string", short: "u" },
    workdir: { type: "string", short: "w" },
  },
  images: {},
  kill: {},
  logs: {
    "no-color": NONE,
    "no-log-prefix": NONE,
    since: VALUE,
    tail: { type: "string", short: "n" },
    timestamps: { type: "boolean", short: "t" },
  },
  ps: {
    all: { type: "boolean", short: "a" },
    filter: { type: "string", multiple: true },
    format: VALUE,
    "no-trunc": NONE,
    quiet: { type: "boolean", short: "q" },
    services: NONE,
    status: { type: "string", multiple: true },
  },
  pull: {
    "ignore-buildable": NONE,
    "include-deps": NONE,
    policy: VALUE,
    quiet: { type: "boolean", short: "q" },
  },
  restart: { ...TIMEOUT, "no-deps": NONE },
  run: { rm: NONE, "no-deps": NONE, "no-TTY": { type: "boolean", short: "T" } },
  start: {},
  stop: TIMEOUT,
  up: {
    ...TIMEOUT,
    detach: { type: "boolean", short: "d" },
    "force-recreate": NONE,
    "no-build": NONE,
    "no-color": NONE,
    "no-deps": NONE,
    "no-recreate": NONE,
    pull: VALUE,
    "quiet-pull": NONE,
    "remove-orphans": NONE,
    wait: NONE,
    "wait-timeout": VALUE,
    yes: { type: "boolean", short: "y" },
  },
};

/** Reads what stands before the subcommand. */
export function readGlobalFlags(args: string[]): {
  options: ProjectOptions;
  command: string;
  rest: string[];
} {
  const at = findCommand(args);
  const { flags } = parse(args.slice(0, at), GLOBAL);
  const directory = flags["project-directory"];
  const name = flags["project-name"];
  return {
    options: {
      files: readAll(flags.file),
      envFiles: readAll(flags["env-file"]),
      profiles: readAll(flags.profile),
      ...(typeof directory === "string" ? { directory } : {}),
      ...(typeof name === "string" ? { name } : {}),
    },
    command: args[at] ?? "help",
    rest: args.slice(at + 1),
  };
}

export function parseFlags(command: string, args: string[]): { flags: Flags; names: string[] } {
  const options = BY_COMMAND[command] ?? {};
  if (command !== "exec" && command !== "run") return parse(args, options);
  // What follows the service's name belongs to the command in the container.
  const at = findCommand(args, options);
  return { flags: parse(args.slice(0, at), options).flags, names: args.slice(at) };
}

function findCommand(args: string[], options = GLOBAL): number {
  let index = 0;
  while (index < args.length) {
    const arg = args[index] ?? "";
    if (!arg.startsWith("-")) return index;
    const [, name] = /^--?([^=]+)/.exec(arg) ?? [];
    const option = Object.entries(options).find(([long, { short }]) => name === long || name === short);
    index += option?.[1].type === "string" && !arg.includes("=") ? 2 : 1;
  }
  return index;
}

function parse(args: string[], options: Options): { flags: Flags; names: string[] } {
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    return { flags: values as Flags, names: positionals };
  } catch (error) {
    throw new ComposeError(error instanceof Error ? error.message : String(error), 16);
  }
}

function readAll(value: Flags[string]): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
