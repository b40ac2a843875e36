import { resolve } from "node:path";
import { applyPeering, hasPeeringChanges, type PeeringPlan, planPeering } from "../../project/peering.ts";
import { loadProject, providers } from "../../project/project.ts";
import {
  applyScaffold,
  hasScaffoldChanges,
  plannedProject,
  planScaffold,
  type ScaffoldPlan,
} from "../../project/scaffold.ts";
import { makeVisible } from "../../text/visible.ts";
import { flagOption, listOption, type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { askConsent } from "../prompt.ts";
import { shortPath } from "../render-error.ts";
import { styleFor } from "../style.ts";
import { oneOf } from "../values.ts";

export async function runInit(io: Io, _args: readonly string[], options: Options): Promise<Outcome> {
  const name = textOption(options, "name");
  const provider = textOption(options, "provider");
  const plan = await planScaffold(io.context, {
    root: io.cwd,
    roles: listOption(options, "role"),
    ...(name === undefined ? {} : { name }),
    ...(provider === undefined ? {} : { provider: oneOf("provider", provider, providers) }),
  });
  const peers = listOption(options, "peer");
  const peerings = peers.map((peer) =>
    planPeering(plannedProject(plan), resolve(io.cwd, peer), { today: io.context.now() }),
  );
  if (flagOption(options, "dryRun")) return describe(io, plan, peerings, "planned");
  if (hasScaffoldChanges(plan)) await applyScaffold(plan, io.context);
  return await agreeOnPeers(io, plan, peers, flagOption(options, "yes"));
}

/** The project's own files are written without asking; another project's are not. */
async function agreeOnPeers(
  io: Io,
  plan: ScaffoldPlan,
  peers: readonly string[],
  yes: boolean,
): Promise<Outcome> {
  const written: PeeringPlan[] = [];
  for (const peer of peers) {
    const peering = planPeering(loadProject(plan.root), resolve(io.cwd, peer), { today: io.context.now() });
    if (!hasPeeringChanges(peering)) continue;
    if (!yes) io.stderr.write(`${renderPeering(io, peering)}\n`);
    if (await askConsent(io, "Write these lines in both projects?", yes)) {
      await applyPeering(peering);
      written.push(peering);
    }
  }
  return describe(io, plan, written, "done");
}

function describe(
  io: Io,
  plan: ScaffoldPlan,
  peerings: readonly PeeringPlan[],
  when: "planned" | "done",
): Outcome {
  const style = styleFor(io);
  const steps = plan.steps.map(({ path, action, why }) => ({
    path,
    action,
    ...(why === undefined ? {} : { why }),
  }));
  const changes = steps.filter((step) => step.action !== "unchanged");
  const lines = changes.map(({ path, action, why }) => {
    return `  ${action.padEnd(7)} ${path}${why === undefined ? "" : style.dim(`  (${why})`)}`;
  });
  if (plan.repository === null) lines.unshift("  git init");
  for (const peering of peerings.filter(hasPeeringChanges)) {
    lines.push(
      when === "planned"
        ? renderPeering(io, peering)
        : `  peers   ${peering.ours.name} and ${peering.theirs.name} accept each other's memos`,
    );
  }
  const nothing = lines.length === 0;
  const head = `${plan.name}: ${nothing ? "everything is there already" : when === "planned" ? "would do" : "done"}`;
  const next =
    when === "done" && !nothing
      ? ["", "Next: look at it, then: git add . && git commit -m 'Begin with vibeops'"]
      : [];
  const data = {
    project: plan.name,
    root: plan.root,
    roles: plan.roles,
    gitInit: plan.repository === null,
    steps,
    peers: peerings.map(({ ours, theirs }) => ({ ours: ours.diff, theirs: theirs.diff })),
  };
  return outcome(data, [head, ...lines, ...next].join("\n"));
}

function renderPeering(io: Io, peering: PeeringPlan): string {
  return [peering.ours, peering.theirs]
    .filter((end) => end.diff !== "")
    .map((end) => `${shortPath(end.file, io.cwd)}:\n${makeVisible(end.diff)}`)
    .join("\n");
}
