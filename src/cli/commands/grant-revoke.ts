import { readInbox } from "../../memo/mailbox.ts";
import { readTakenIn } from "../../memo/taken-in.ts";
import { applyGrants, planRevoke } from "../../project/change-grants.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { readPeer } from "../../project/peers.ts";
import { loadProject, type Project } from "../../project/project.ts";
import { wrapProse } from "../../text/wrap.ts";
import { flagOption, type Options } from "../command.ts";
import { readOption, typesOption } from "../grant/grant-options.ts";
import { planData, renderPlan, renderSummary } from "../grant/render-plan.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { typeable } from "../program-name.ts";
import { lineWidth } from "../style.ts";

/** Nobody is asked: less access is given back with one `grant add`. */
export async function runGrantRevoke(io: Io, args: readonly string[], options: Options): Promise<Outcome> {
  const project = loadProject(findProjectRoot(io.cwd));
  const types = typesOption(options);
  const read = readOption(options);
  const plan = planRevoke(project, args[0] ?? "", { types, read }, io.context.now());
  const isMail = types !== undefined || read === undefined;
  const mail = isMail ? countMail(project, plan.peer, io.context.now()) : null;
  const data = { ...planData(plan), mail };
  if (flagOption(options, "dryRun")) return outcome({ ...data, changed: false }, renderPlan(io, plan));
  await applyGrants(plan, io.context);
  const lines = [renderSummary(plan), ...(mail === null ? [] : describeMail(io, plan.peer, mail))];
  return outcome({ ...data, changed: true }, wrapProse(lines.join("\n"), lineWidth(io)));
}

interface MailHere {
  /** Taken in while it was granted. */
  pending: number;
  /** Arrived, and judged by no intake yet. */
  unchecked: number;
  /** Whether the peer can read here, before it writes, what is granted. */
  near: boolean;
}

function countMail(project: Project, peer: string, now: Date): MailHere {
  const there = Object.hasOwn(project.config.peers, peer) ? readPeer(project, peer).project : null;
  const name = there?.name ?? peer;
  const takenIn = readTakenIn(project.root);
  const theirs = readInbox(project.root, now).memos.filter(({ memo }) => memo.from.project === name);
  const unchecked = theirs.filter((stored) => !takenIn.has(stored.name)).length;
  return { pending: theirs.length - unchecked, unchecked, near: there !== null };
}

function describeMail(io: Io, peer: string, { pending, unchecked, near }: MailHere): string[] {
  const lines = [
    pending === 0
      ? `No memo from ${peer} is pending here.`
      : `${pending} pending from ${peer}: taken in while it was granted, so it stays until it is done.`,
  ];
  if (unchecked > 0) {
    const fate = "the next session start sets aside what is not granted any more";
    lines.push(`${unchecked} arrived and not checked yet: ${fate}.`);
  }
  const fate = near
    ? `From now on ${peer} is refused where it writes such memos`
    : `From now on such memos from ${peer} are set aside here`;
  lines.push(
    `${fate}; its replies to memos of ours still come in.`,
    typeable(io, `We may still write to it: it is a peer. To give it back: vibeops grant add ${peer}`),
  );
  return lines;
}
