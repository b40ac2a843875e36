import { resolve } from "node:path";
import type { Candidate } from "../../agent/commands/candidate.ts";
import { findCandidates, findStopped } from "../../agent/commands/propose-commands.ts";
import {
  applyChanges,
  type FileChange,
  planAdding,
  vendorSettings,
} from "../../agent/vendors/plan-agents.ts";
import { vendors } from "../../agent/vendors/vendor.ts";
import { quoteWord } from "../../platform/quote.ts";
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
import { describeStopped } from "../named-commands.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { programName, typeable } from "../program-name.ts";
import { askConsent } from "../prompt.ts";
import { describeChange, renderChanges } from "../render-changes.ts";
import { shortPath } from "../render-error.ts";
import { lineWidth, renderLabelled, styleFor } from "../style.ts";
import { oneOf } from "../values.ts";

export async function runInit(io: Io, _args: readonly string[], options: Options): Promise<Outcome> {
  const name = textOption(options, "name");
  const provider = textOption(options, "provider");
  const candidates = findCandidates(io.cwd, []);
  const provable = candidates.filter(({ why }) => why === null);
  const plan = await planScaffold(io.context, {
    root: io.cwd,
    commands: Object.fromEntries(provable.map(({ name: key, command }) => [key, command])),
    roles: listOption(options, "role"),
    ...(name === undefined ? {} : { name }),
    ...(provider === undefined ? {} : { provider: oneOf("provider", provider, providers) }),
  });
  const peers = listOption(options, "peer");
  const peerings = peers.map((peer) =>
    planPeering(plannedProject(plan), resolve(io.cwd, peer), { today: io.context.now() }),
  );
  const program = agentProgram(io.context.env);
  const wanted = listOption(options, "with").flatMap((names) => names.split(",").map((one) => one.trim()));
  const settings = [...new Set(wanted)].map((vendor) =>
    vendorSettings(oneOf("with", vendor, vendors), program),
  );
  const changes = settings.flatMap((one) => planAdding(plan.root, one));
  const agents = { changes, notes: settings.flatMap(({ notes }) => notes) };
  const commands = planCommands(plan, candidates);
  if (flagOption(options, "dryRun"))
    return describe(io, { plan, peerings, declined: [], agents, commands }, "planned");
  const agreed = await agreeOnPeers(io, peers, peerings, flagOption(options, "yes"));
  if (hasScaffoldChanges(plan)) await applyScaffold(plan, io.context);
  const written: PeeringPlan[] = [];
  for (const peer of agreed) {
    const peering = planPeering(loadProject(plan.root), resolve(io.cwd, peer), { today: io.context.now() });
    await applyPeering(peering);
    written.push(peering);
  }
  if (changes.length > 0) await applyChanges(plan.root, changes);
  const declined = peers.filter((peer, i) => {
    const peering = peerings[i];
    return peering !== undefined && hasPeeringChanges(peering) && !agreed.includes(peer);
  });
  return describe(io, { plan, peerings: written, declined, agents, commands }, "done");
}

/** What init writes: the project's files, the lines for peers, and the agent CLIs' own files. */
interface Parts {
  readonly plan: ScaffoldPlan;
  readonly peerings: readonly PeeringPlan[];
  /** Folders of peers whose lines the person did not want. */
  readonly declined: readonly string[];
  readonly agents: { readonly changes: readonly FileChange[]; readonly notes: readonly string[] };
  readonly commands: CommandPlan;
}

/** What agents may run here afterwards, and what they will be stopped at although the project's files call it a check. */
interface CommandPlan {
  /** What this init names; empty where vibeops.yaml is there already. */
  readonly named: Readonly<Record<string, string>>;
  readonly stopped: readonly Candidate[];
}

function planCommands(plan: ScaffoldPlan, candidates: readonly Candidate[]): CommandPlan {
  const { commands } = plannedProject(plan).config;
  const isNew = plan.steps.some(({ path, before }) => path === PROJECT_FILE && before === null);
  const stopped = findStopped(candidates, { hosts: [], scripts: Object.values(commands) });
  return { named: isNew ? commands : {}, stopped };
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
  { plan, peerings, declined, agents, commands }: Parts,
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
  if (agents.changes.length > 0) lines.push(...renderChanges(io, agents.changes, when === "planned"));
  for (const [name, command] of Object.entries(commands.named))
    lines.push(
      `  command ${makeVisible(`${name}: ${command}`, { newlines: false })}${style.dim("  (agents may run it)")}`,
    );
  const nothing = lines.length === changes.filter(({ action }) => action === "skip").length;
  const head = `${plan.name}: ${nothing ? "everything is there already" : when === "planned" ? "would do" : "done"}`;
  const next = when === "done" && !nothing ? ["", ...nextLines(io, { plan, peerings, agents })] : [];
  const note = (text: string) => renderLabelled("  note    ", text, lineWidth(io));
  lines.push(...[...agents.notes, ...describeStopped(commands.stopped)].map(note));
  const left = declined.map((peer) => {
    const again = `vibeops init --peer ${quoteWord(peer)}`;
    return `no mail goes between this project and ${peer} yet; to be asked again: \`${typeable(io, again)}\``;
  });
  lines.push(...[...left, ...uncommonRoles(plan)].map((line) => style.yellow(note(line))));
  const data = {
    project: plan.name,
    root: plan.root,
    roles: plan.roles,
    gitInit: plan.repository === null,
    steps,
    peers: peerings.map(({ ours, theirs }) => ({ ours: ours.diff, theirs: theirs.diff })),
    agents: { files: agents.changes.map(describeChange), notes: agents.notes },
    commands,
  };
  return outcome(data, [head, ...lines, ...next].join("\n"));
}

/** Only what was written here is named: in a repository of the person's own, `git add .` would take in more. */
function nextLines(io: Io, { plan, peerings, agents }: Omit<Parts, "commands" | "declined">): string[] {
  const written = plan.steps.filter((step) => step.action === "create" || step.action === "append");
  const names = [
    ...written.map((step) => (step.path.startsWith("memos/") ? "memos" : step.path)),
    ...peerings.filter(({ ours }) => ours.diff !== "").map(() => PROJECT_FILE),
    ...agents.changes.filter(isForEverybody).map(({ path }) => path),
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

/** What of the agent CLIs' files is committed: not what says where vibeops lies on this machine. */
function isForEverybody({ path, left }: FileChange): boolean {
  return left === undefined && !path.includes(".local.");
}

/** A role of one's own is fine; one that looks like a slip of the pen is worth a line. */
function uncommonRoles(plan: ScaffoldPlan): string[] {
  return plan.roles.flatMap((role) => {
    const near = knownRoles.some((known) => known === role) ? undefined : nearest(role, knownRoles);
    return near === undefined
      ? []
      : [
          `'${role}' is a role of your own; if ${near} was meant, change the word under agents in ${PROJECT_FILE}`,
        ];
  });
}

const knownRoles = ["developer", "sysadmin", "pm", "coordinator", "writer"];

function renderPeering(io: Io, peering: PeeringPlan): string {
  return [peering.ours, peering.theirs]
    .filter((end) => end.diff !== "")
    .map((end) => `${shortPath(end.file, io.cwd)}:\n${makeVisible(end.diff)}`)
    .join("\n");
}
