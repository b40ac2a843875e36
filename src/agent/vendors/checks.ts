import { join } from "node:path";
import type { Check } from "../../platform/check.ts";
import type { Context } from "../../platform/context.ts";
import { runProcess } from "../../platform/process.ts";
import { checkOf } from "../../project/checks.ts";
import type { Project } from "../../project/project.ts";
import { isGuardTrusted } from "./codex-trust.ts";
import { hookForms } from "./hooks.ts";
import { settingsHere } from "./plan-agents.ts";
import { guardLine, type Program, type Settings } from "./settings.ts";
import { findSwitchedOff } from "./switched-off.ts";
import { type Vendor, vendors } from "./vendor.ts";

const patienceMs = 20_000;

/**
 * Proves for each agent CLI that plays a role here, or whose configuration is here, that its guard is live: its hook's
 * own line is run with an `ssh` to a host, and has to say no. Then what the vendor leaves open, as far as it is known.
 *
 * @param program how the person's shell calls us
 */
export async function checkVendors(project: Project, context: Context, program: Program): Promise<Check[]> {
  const playing = new Set<string>(Object.values(project.config.agents).map(({ provider }) => provider));
  const examine = async (vendor: Vendor): Promise<Check[]> => {
    const { settings, state } = settingsHere(project.root, vendor, program);
    if (state === "all") return await checkVendor(settings, project, context);
    return state === "part" || playing.has(vendor) ? [notSetUp(vendor, state)] : [];
  };
  const checks: Check[] = [];
  for (const vendor of vendors) {
    // What is wrong with one's files hides nothing of another.
    const found = await examine(vendor).catch((error: unknown) => [checkOf(error, project.root)]);
    checks.push(...found);
  }
  return checks;
}

function notSetUp(vendor: Vendor, state: "none" | "part"): Check {
  const what =
    state === "none"
      ? `a role of vibeops.yaml is played by ${vendor}, and nothing fences it here`
      : `a part of what fences ${vendor} here is gone or was changed`;
  return { name: "agents.settings", status: "error", what, fix: `vibeops agents add ${vendor}` };
}

async function checkVendor(settings: Settings, project: Project, context: Context): Promise<Check[]> {
  const { vendor, notes } = settings;
  const open = notes.map((what): Check => ({ name: "agents.open", status: "warning", what }));
  const trust = vendor === "codex" ? checkTrust(project.root, context) : [];
  const off = checkSwitch(vendor, project.root, context);
  return [await fireHook(settings, project, context), ...off, ...trust, ...open];
}

function checkTrust(root: string, { env }: Context): Check[] {
  if (isGuardTrusted(root, env)) return [];
  const what = "codex: you have not trusted its hooks here, so it runs none of them: nothing is fenced";
  const fix = "start codex here, look at its hooks, and say yes to them";
  return [{ name: "agents.trust", status: "error", what, file: join(root, ".codex/hooks.json"), fix }];
}

function checkSwitch(vendor: Vendor, root: string, { env }: Context): Check[] {
  const off = findSwitchedOff(vendor, root, env);
  if (off === null) return [];
  const { file, setting } = off;
  const what = `${vendor}: ${setting} switches its hooks off, so it runs none of them: nothing is fenced`;
  return [
    { name: "agents.switched-off", status: "error", what, file, fix: `take ${setting} out of that file` },
  ];
}

/** Runs the line as the vendor does, through a shell, in the project. */
async function fireHook({ vendor, command }: Settings, project: Project, context: Context): Promise<Check> {
  const line = guardLine(command, vendor);
  const form = hookForms[vendor];
  const event = {
    session_id: "doctor",
    cwd: project.root,
    hook_event_name: form.before,
    tool_name: form.shells[0],
    tool_input: { command: "ssh prod true" },
  };
  const { exitCode, stdout, stderr } = await runProcess("sh", ["-c", line], {
    cwd: project.root,
    env: context.env,
    input: JSON.stringify(event),
    timeoutMs: patienceMs,
  });
  const name = "agents.guard";
  // Exit code 2 stops every tool, so it fences, but with nothing behind it an agent can do no work.
  if (exitCode === 0 && stdout.includes("vibeops guard: live"))
    return { name, status: "ok", what: `the guard of ${vendor} stops an ssh` };
  const said = (stderr || stdout).trim().slice(0, 200);
  return {
    name,
    status: "error",
    what: `${vendor}: its guard does not answer (exit ${exitCode}): ${said}`,
    fix: fixFor(vendor, exitCode === 2 && command === "vibeops", said),
  };
}

/** A guard that says why it denies was found and started; one that says nothing of its own was not. */
function fixFor(vendor: string, isDenied: boolean, said: string): string {
  if (said.startsWith("vibeops guard: denied")) return "mend what it names";
  if (isDenied) return "put vibeops on the PATH of the shell that starts the agent";
  return `vibeops agents add ${vendor}`;
}
