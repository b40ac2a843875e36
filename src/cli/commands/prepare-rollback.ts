import type { RollbackPlan } from "../../deploy/rollback/rollback.ts";
import { planServiceRollback, rollBackService } from "../../deploy/rollback/rollback-service.ts";
import { Exit, VibeopsError } from "../../errors.ts";
import type { Project } from "../../project/project.ts";
import { makeVisible } from "../../text/visible.ts";
import { wrapProse } from "../../text/wrap.ts";
import { flagOption, type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { typeable } from "../program-name.ts";
import { askConsent } from "../prompt.ts";
import { lineWidth, styleFor } from "../style.ts";

/** `prepare --rollback SERVICE`: the runbook that brings a version back. */
export async function prepareRollback(
  io: Io,
  project: Project,
  service: string,
  args: readonly string[],
  options: Options,
): Promise<Outcome> {
  if (args[0] !== undefined || options.host !== undefined) {
    throw new VibeopsError({
      code: "usage",
      exit: Exit.usage,
      message: "--rollback takes neither a memo nor a host: both are in the trail",
      fix: `vibeops prepare --rollback ${service} [--to VERSION]`,
    });
  }
  const choice = {
    to: textOption(options, "to"),
    role: textOption(options, "from"),
    keepData: flagOption(options, "keepData"),
  };
  if (flagOption(options, "dryRun")) {
    const plan = await planServiceRollback(project, service, choice, io.context);
    return outcome(facts(plan), render(io, plan, "would do"));
  }
  const confirm = async (plan: RollbackPlan) => {
    if (!flagOption(options, "yes")) io.stderr.write(`${renderDiffs(plan)}\n`);
    return await askConsent(io, "Replace these files?", flagOption(options, "yes"));
  };
  const { plan, commit } = await rollBackService(project, service, { ...choice, confirm }, io.context);
  return outcome(
    { ...facts(plan), committed: commit },
    render(io, plan, commit === null ? "nothing changed" : "prepared"),
  );
}

/** The same for text and for JSON; where the configuration comes from is `commit`. */
function facts({
  service,
  version,
  from,
  host,
  runbook,
  commit,
  files,
  removed,
  backups,
  losses,
}: RollbackPlan) {
  return {
    service,
    version,
    from,
    host,
    runbook,
    commit,
    files: files.map(({ path, action, diff }) => ({ path, action, diff })),
    removed: removed.map(({ path }) => path),
    backups,
    losses,
  };
}

function renderDiffs(plan: RollbackPlan): string {
  const diffs = plan.files.filter((file) => file.action === "update").map((file) => makeVisible(file.diff));
  return [...diffs, ...plan.removed.map(({ path }) => `taken away, and kept in git: ${path}`)].join("\n");
}

function render(io: Io, plan: RollbackPlan, what: string): string {
  const style = styleFor(io);
  const { service, version, from, host, commit, runbook } = plan;
  const title =
    from === version ? `${service} ${version} once more` : `${service} ${from} back to ${version}`;
  const part = runbook.id.slice(-8);
  const next = ["", typeable(io, `Next: vibeops runbook show ${part}, then vibeops runbook approve ${part}`)];
  return [
    style.bold(`${title} on ${host}: ${what}`),
    `  configuration of commit ${commit.slice(0, 12)}`,
    ...plan.files.map(({ action, path }) => `  ${action.padEnd(11)} ${path}`),
    ...plan.removed.map(({ path }) => `  ${"remove".padEnd(11)} ${path}`),
    "",
    style.bold("What cannot come back"),
    ...plan.losses.map((loss) => wrapProse(`  - ${makeVisible(loss)}`, lineWidth(io))),
    // What is only planned cannot be shown yet.
    ...(what === "would do" ? [] : next),
  ].join("\n");
}
