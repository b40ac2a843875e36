import type { Context } from "../../platform/context.ts";
import { runProcess } from "../../platform/process.ts";
import type { Project } from "../../project/project.ts";
import { hookForms } from "./hooks.ts";
import { hasSettings, vendorSettings } from "./plan-agents.ts";
import { guardLine, type Program } from "./settings.ts";
import { type Vendor, vendors } from "./vendor.ts";

/** What `doctor` says of one vendor. */
export interface VendorFinding {
  /** `agents.guard`, `agents.open`, `agents.settings`. */
  code: string;
  severity: "error" | "warning" | "ok";
  vendor: Vendor;
  message: string;
  fix?: string;
}

const patienceMs = 20_000;

/**
 * Proves for each agent CLI that works here, or whose configuration is here, that its guard is live: its hook's own
 * line is run with an `ssh` to a host, and has to say no. Then what the vendor leaves open, as far as it is known.
 *
 * @param program how the person's shell calls us
 */
export async function checkVendors(
  project: Project,
  context: Context,
  program: Program,
): Promise<VendorFinding[]> {
  const playing = new Set(Object.values(project.config.agents).map(({ provider }) => provider));
  const findings: VendorFinding[] = [];
  for (const vendor of vendors) {
    const settings = vendorSettings(vendor, program);
    if (!hasSettings(project.root, settings)) {
      if (playing.has(vendor)) findings.push(notSetUp(vendor));
      continue;
    }
    const command = vendor === "claude" ? program.command : "vibeops";
    findings.push(await fireHook(vendor, guardLine(command, vendor), project, context));
    for (const message of settings.notes) {
      findings.push({ code: "agents.open", severity: "warning", vendor, message });
    }
  }
  return findings;
}

function notSetUp(vendor: Vendor): VendorFinding {
  return {
    code: "agents.settings",
    severity: "error",
    vendor,
    message: `an agent of vibeops.yaml is played by ${vendor}, and nothing fences it here`,
    fix: `vibeops agents add ${vendor}`,
  };
}

/** Runs the line as the vendor does, through a shell, in the project. */
async function fireHook(
  vendor: Vendor,
  line: string,
  project: Project,
  context: Context,
): Promise<VendorFinding> {
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
  // Exit code 2 stops every tool, so it fences, but with nothing behind it an agent can do no work.
  if (exitCode === 0 && stdout.includes("vibeops guard: live")) {
    return { code: "agents.guard", severity: "ok", vendor, message: `${vendor}: its guard stops an ssh` };
  }
  return {
    code: "agents.guard",
    severity: "error",
    vendor,
    message: `${vendor}: its guard does not answer (exit ${exitCode}): ${(stderr || stdout).trim().slice(0, 200)}`,
    fix:
      exitCode === 2
        ? "put vibeops on the PATH of the shell that starts the agent"
        : `vibeops agents add ${vendor}`,
  };
}
