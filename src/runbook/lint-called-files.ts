import { basename, join } from "node:path";
import { lstatOrNull } from "../platform/files.ts";
import type { Inventory } from "../project/inventory.ts";
import type { Finding } from "../text/finding.ts";
import { type AssessedCommand, type Assessment, assessedCommands } from "./assess-runbook.ts";
import { hostOf } from "./current-content.ts";
import type { ActionCall, Runbook } from "./runbook.ts";
import { isProjectPath } from "./runbook-header.ts";

/** Where a runbook is looked at. */
interface Surroundings {
  readonly root: string;
  readonly listed: readonly string[];
  readonly inventory: Inventory;
}

/**
 * What a step on this machine calls of the project is listed, and called where only the hashed bytes lie. The engine
 * sees to it that nothing else is there; this says so before anybody approves. It reads words, not the shell's grammar:
 * what it overlooks is missing when the step runs.
 */
export function lintCalledFiles(
  root: string,
  runbook: Runbook,
  assessment: Assessment,
  inventory: Inventory,
): Finding[] {
  const around = { root, listed: runbook.files, inventory };
  const calls = [...runbook.steps, ...runbook.verification].flatMap(({ action }) => action ?? []);
  return [
    ...assessedCommands(assessment)
      .filter(({ proven }) => proven === null)
      .flatMap((command) => lintCommand(command, around)),
    ...calls.flatMap((call) => lintParameters(call, around)),
  ];
}

function lintCommand({ command }: AssessedCommand, around: Surroundings): Finding[] {
  const { host, script, line } = command;
  const isLocal = hostOf(around.inventory, host)?.transport === "local";
  const namesProject = script.includes("VIBEOPS_PROJECT");
  if (!isLocal) return namesProject ? [remote(host, line)] : [];
  const text = unquote(script);
  const root = script.includes("VIBEOPS_ROOT") ? [inPlace("$VIBEOPS_ROOT", line)] : [];
  return [
    ...root,
    ...(namesProject ? lintStaged(text, line, around) : []),
    ...lintPlaces(text, host, line, around),
  ];
}

/** An action's commands are compiled: what could name a file of the project are its parameters. */
function lintParameters(call: ActionCall, around: Surroundings): Finding[] {
  const local = call.hosts.filter((host) => hostOf(around.inventory, host)?.transport === "local");
  return local.flatMap((host) => lintPlaces(unquote(JSON.stringify(call.with)), host, call.line, around));
}

/** Quotes end no word: `"$A"/b` is one. */
function unquote(text: string): string {
  return text.replaceAll(/["'\\]/g, "").replaceAll(/\$\{([A-Z_]+)\}/g, "$$$1");
}

const WORD_END = /[\s;|&()<>`,]/;

/** What stands below `$VIBEOPS_PROJECT`, and, since a step may go there, each word that is a file of the project. */
function lintStaged(text: string, line: number, { root, listed }: Surroundings): Finding[] {
  return text.split(WORD_END).flatMap((word): Finding[] => {
    const [, below] = /\$VIBEOPS_PROJECT(?:\/+([^$*?[\]{}]*))?/.exec(word) ?? [];
    if (below === undefined)
      return isFile(root, word) && !listed.includes(word) ? [unlisted(word, line)] : [];
    const path = below.replace(/\/+$/, "");
    if (path.split("/").includes("..")) return [inPlace(word, line)];
    const isThere = path === "" || listed.some((file) => file === path || file.startsWith(`${path}/`));
    return isThere || below.endsWith("/") ? [] : [unlisted(path, line)];
  });
}

/** Files of the project that are named by where the project lies: by its whole path, or by its folder's name. */
function lintPlaces(text: string, host: string, line: number, around: Surroundings): Finding[] {
  const { root, inventory } = around;
  const own = hostOf(inventory, host)?.directory ?? "/";
  const name = `${basename(root)}/`;
  const named = [
    ...after(text, `${root}/`).map(({ rest }) => rest),
    ...after(text, name).flatMap(({ before, rest }) => (/^\/|[^/]$/.test(before) ? [] : [rest])),
  ];
  // A rehearsal's own folder may lie inside the project: what is there is the host's, not the project's.
  const files = named.filter((path) => isFile(root, path) && !join(root, path).startsWith(`${own}/`));
  return [...new Set(files)].map((path) => inPlace(path, line));
}

/** Each place of `mark` in the text: the word up to it, and the rest of the word. */
function after(text: string, mark: string): { before: string; rest: string }[] {
  const parts = text.split(mark);
  return parts.slice(1).map((part, i) => ({
    before: (parts[i] ?? "").split(/[\s;|&()<>`,=:]/).at(-1) ?? "",
    rest: part.split(WORD_END)[0] ?? "",
  }));
}

function isFile(root: string, path: string): boolean {
  return isProjectPath(path) && lstatOrNull(join(root, path))?.isFile() === true;
}

function unlisted(path: string, line: number): Finding {
  return {
    rule: "runbook.file-unlisted",
    level: "error",
    message: `this step calls ${path}, and the front matter does not list it: no approval would cover it`,
    line,
    fix: `add ${path} to files`,
  };
}

function inPlace(what: string, line: number): Finding {
  return {
    rule: "runbook.project-path",
    level: "error",
    message: `${what} lies where anybody can change it after the approval`,
    line,
    fix: 'list the file under files, and call it as "$VIBEOPS_PROJECT"/path: there lie the approved bytes',
  };
}

function remote(host: string, line: number): Finding {
  return {
    rule: "runbook.project-remote",
    level: "error",
    message: `VIBEOPS_PROJECT means nothing on ${host}: the project is not there`,
    line,
    fix: "install what the step calls with files.install, in a step before it",
  };
}
