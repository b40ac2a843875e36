import { resolve } from "node:path";
import {
  applyChanges,
  type FileChange,
  planAdding,
  vendorSettings,
} from "../../agent/vendors/plan-agents.ts";
import type { Settings } from "../../agent/vendors/settings.ts";
import { vendors } from "../../agent/vendors/vendor.ts";
import { PROJECT_FILE } from "../../project/discovery.ts";
import { applyPeering, hasPeeringChanges, type PeeringPlan, planPeering } from "../../project/peering.ts";
import { loadProject, providers } from "../../project/project.ts";
import {
  applyScaffold,
  hasScaffoldChanges,
  plannedProject,
  planScaffold,
  type ScaffoldPlan,
} from "../../project/scaffold.ts";
import { refuseAgent } from "../../runbook/human.ts";
import { nearest } from "../../text/similar.ts";
import { makeVisible } from "../../text/visible.ts";
import { agentProgram } from "../agent-program.ts";
import { flagOption, listOption, type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { programName } from "../program-name.ts";
import { askConsent } from "../prompt.ts";
import { describeChange, renderChanges } from "../render-changes.ts";
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
  const program = agentProgram(io.context.env);
  const agents = [...new Set(listOption(options, "with"))].map((vendor) =>
    vendorSettings(oneOf("with", vendor, vendors), program),
  );
  const changes = agents.flatMap((settings) => planAdding(plan.root, settings));
  if (flagOption(options, "dryRun"))
    return withAgents(io, describe(io, plan, peerings, "planned"), agents, changes);
  const agreed = await agreeOnPeers(io, peers, peerings, flagOption(options, "yes"));
  if (hasScaffoldChanges(plan)) await applyScaffold(plan, io.context);
  const written: PeeringPlan[] = [];
  for (const peer of agreed) {
    const peering = planPeering(loadProject(plan.root), resolve(io.cwd, peer), { today: io.context.now() });
    await applyPeering(peering);
    written.push(peering);
  }
  const done = describe(io, plan, written, "done");
  if (changes.length > 0) await applyChanges(plan.root, changes);
  return withAgents(io, done, agents, changes);
}

/** The same with what became of the agent CLIs' own files. */
function withAgents(
  io: Io,
  { data, text }: Outcome,
  agents: readonly Settings[],
  changes: readonly FileChange[],
): Outcome {
  if (agents.length === 0) return outcome(data, text);
  const notes = agents.flatMap((settings) => settings.notes);
  const names = agents.map(({ vendor }) => vendor).join(", ");
  const lines = [
    "",
    `${names}:`,
    ...renderChanges(io, changes, true),
    ...notes.map((note) => `  note    ${note}`),
  ];
  const files = changes.map(describeChange);
  return outcome({ ...(data as object), agents: { files, notes } }, [text, ...lines].join("\n"));
}

/**
 * The peers that the person says yes to. The project's own files are written without asking; another project's are
 * not, and where nobody can be asked nothing is written at all.
 */
async function agreeOnPeers(
  io: Io,
  peers: readonly string[],
  peerings: readonly PeeringPlan[],
  yes: boolean,
): Promise<string[]> {
  const agreed: string[] = [];
  for (const [i, peering] of peerings.entries()) {
    if (!hasPeeringChanges(peering)) continue;
    refuseAgent(io.context.env, "open another project to this one");
    if (!yes) io.stderr.write(`${renderPeering(io, peering)}\n`);
    if (await askConsent(io, "Write these lines in both projects?", yes)) agreed.push(peers[i] ?? "");
  }
  return agreed;
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
  const next = when === "done" && !nothing ? ["", ...nextLines(io, plan, peerings)] : [];
  lines.push(...uncommonRoles(plan).map((line) => style.yellow(`  note    ${line}`)));
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

/** Only what was written here is named: in a repository of the person's own, `git add .` would take in more. */
function nextLines(io: Io, plan: ScaffoldPlan, peerings: readonly PeeringPlan[]): string[] {
  const written = plan.steps.filter((step) => step.action === "create" || step.action === "append");
  const names = [
    ...written.map((step) => (step.path.startsWith("memos/") ? "memos" : step.path)),
    ...peerings.filter(({ ours }) => ours.diff !== "").map(() => PROJECT_FILE),
  ];
  const paths = plan.repository === null ? "." : [...new Set(names)].join(" ");
  const begins = written.some((step) => step.path === PROJECT_FILE && step.before === null);
  const message = begins ? "Begin with vibeops" : "More of vibeops";
  const theirs = peerings
    .filter(({ theirs: end }) => end.diff !== "")
    .map(
      ({ theirs: end }) => `Commit ${makeVisible(shortPath(end.file, io.cwd), { newlines: false })} as well.`,
    );
  // Said, not done: the list is the person's, and init writes nothing outside of the project.
  const list = begins ? [`Put it on your list for status --all: ${programName(io)} projects add`] : [];
  return [`Next: look at it, then: git add ${paths} && git commit -m '${message}'`, ...theirs, ...list];
}

/** A role of one's own is fine; one that looks like a slip of the pen is worth a line. */
function uncommonRoles(plan: ScaffoldPlan): string[] {
  return plan.roles.flatMap((role) => {
    const near = knownRoles.some((known) => known === role) ? undefined : nearest(role, knownRoles);
    return near === undefined ? [] : [`'${role}' is a role of your own; the one that we know is '${near}'`];
  });
}

const knownRoles = ["developer", "sysadmin", "pm", "coordinator", "writer"];

function renderPeering(io: Io, peering: PeeringPlan): string {
  return [peering.ours, peering.theirs]
    .filter((end) => end.diff !== "")
    .map((end) => `${shortPath(end.file, io.cwd)}:\n${makeVisible(end.diff)}`)
    .join("\n");
}
