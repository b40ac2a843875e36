import { isAbsolute } from "node:path";
import { VibeopsError } from "../../errors.ts";
import { classifyCommand } from "../../guard/classify.ts";
import { readText, realPathOf, refuseOnDisk } from "../../guard/disk.ts";
import { refuseEdit } from "../../guard/judge-edit.ts";
import type { Context } from "../../platform/context.ts";
import { configDirectory, stateDirectory } from "../../platform/person.ts";
import { isWithin } from "../../platform/work-trees.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { makeVisible } from "../../text/visible.ts";
import { readGuardFacts } from "./guard-facts.ts";
import { readToolUse, type ToolUse } from "./hook-event.ts";
import { hookForms } from "./hooks.ts";
import type { Vendor } from "./vendor.ts";

/** What the hook says back: an exit code that the vendors understand, and what goes where. */
export interface HookAnswer {
  exit: 0 | 2;
  stdout: string;
  stderr: string;
}

const goOn: HookAnswer = { exit: 0, stdout: "", stderr: "" };

/**
 * The answer to a vendor's hook before a tool runs. Nothing is said where the tool may run, so that the vendor asks
 * as it would anyway. Whatever cannot be judged is denied by exit code 2, which all three understand. Never throws.
 *
 * @param text what the hook was sent on standard input
 */
export async function answerHook(
  vendor: Vendor,
  text: string,
  { env, cwd }: { env: Context["env"]; cwd: string },
): Promise<HookAnswer> {
  try {
    const form = hookForms[vendor];
    const use = readToolUse(text, form, cwd);
    if (use.kind === "reads") return goOn;
    const reason = await refuseUse(use, projectRoot(env, cwd), env);
    return reason === null ? goOn : { ...goOn, stdout: `${JSON.stringify(form.deny(reason))}\n` };
  } catch (error) {
    return failClosed(error);
  }
}

/** The answer where nothing could be judged. */
export function failClosed(error: unknown): HookAnswer {
  const message = error instanceof Error ? error.message : String(error);
  const place = error instanceof VibeopsError && error.file !== undefined ? ` (${placeOf(error)})` : "";
  const shown = makeVisible(`${message}${place}`, { newlines: false });
  return {
    exit: 2,
    stdout: "",
    stderr: `vibeops guard: denied, since it cannot be judged: ${shown}. A person has to look at it.\n`,
  };
}

function placeOf({ file, line }: VibeopsError): string {
  return line === undefined ? `${file}` : `${file}:${line}`;
}

/** The vendor says where its project is: where the agent's shell has gone to since decides nothing. */
function projectRoot(env: Context["env"], cwd: string): string {
  const named = [env.CLAUDE_PROJECT_DIR, env.GEMINI_PROJECT_DIR].find(
    (folder) => folder !== undefined && isAbsolute(folder),
  );
  return findProjectRoot(named ?? cwd);
}

async function refuseUse(
  use: Exclude<ToolUse, { kind: "reads" }>,
  root: string,
  env: Context["env"],
): Promise<string | null> {
  const state = stateDirectory(env);
  const personal = [configDirectory(env), state].map((folder) => realPathOf(folder) ?? folder);
  const folder = realPathOf(use.folder) ?? use.folder;
  // Read for edits too: in a project that is broken nothing is certain.
  const facts = await readGuardFacts(root, state);
  if (use.kind === "edits") {
    const reasons = use.paths.map((path) => refuseEdit(path, folder, { root, personal }));
    const found = reasons.find((reason) => reason !== null);
    return found === undefined ? null : `vibeops guard: ${found} ${whatInstead.edit}`;
  }
  // Elsewhere the same words run something else.
  const scripts = isWithin(folder, root) ? facts.scripts : [];
  if (scripts.includes(use.command.trim())) return null;
  const { answer, reason } = classifyCommand(use.command, {
    hosts: facts.hosts,
    scripts,
    projectRoot: root,
    folder,
    refuseOnDisk: (path) => refuseOnDisk(path, { root, personal, writer: "shell" }),
    readText,
  });
  return answer === "local" ? null : `vibeops guard: ${answer}: ${reason} ${whatInstead[answer]}`;
}

/** What the agent is to do, so that it does not look for another way to the same end. */
const whatInstead = {
  live:
    "Agents run nothing on hosts. Do not try it another way: write it as a step of a runbook " +
    "(runbooks/<id>/runbook.md, `vibeops runbook --help`), which a person approves and carries out.",
  exfil: "Secrets stay here. If a host needs one, write a runbook step in which a person places it.",
  opaque:
    "Say it in simpler commands whose effect can be read. If it has to reach a host, write it as a step of a " +
    "runbook. If it is a script of this project, ask a person to name it under `commands:` in vibeops.yaml.",
  edit: "If it has to change, ask a person, in a memo or among the runbook's open questions.",
} as const;
