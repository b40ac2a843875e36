import type { ProjectStatus, Status, Waiting } from "../../session/project-status.ts";
import type { Io } from "../io.ts";
import { programName } from "../program-name.ts";
import { lineWidth, styleFor } from "../style.ts";
import { renderProjects } from "./render-projects.ts";
import { renderWaiting } from "./render-waiting.ts";
import { type Ends, findEnds } from "./tell-apart.ts";

export interface StatusView {
  /** The project around the person; null outside of all. */
  readonly here: string | null;
  readonly all: boolean;
  /** Whether that project stands on the person's list. */
  readonly listed: boolean;
  /** How many projects the list holds. */
  readonly known: number;
  readonly long: boolean;
}

/** What a terminal of 24 lines shows besides the line on which the person types. */
const LINES = 22;
/** One more is shown in place of the line that would say so. */
const MOST_WAITING = 6;
const FEWEST_PROJECTS = 5;

/** What waits, the most urgent first, then the projects: one screen, unless the person wants all of it. */
export function renderStatus(status: Status, view: StatusView, io: Io): string {
  if (status.projects.length === 0 && status.waiting.length === 0) {
    return `You have no list of projects yet. Find them: ${programName(io)} projects scan DIR`;
  }
  const width = lineWidth(io);
  const ends = findEnds(status.projects);
  const waiting = waitingPart(status.waiting, { ...view, width, ends }, io);
  const room = Math.max(FEWEST_PROJECTS, LINES - waiting.length - 3);
  const sorted = byWaiting(status.projects, status.waiting);
  const shown = view.long || sorted.length <= room + 1 ? sorted : sorted.slice(0, room);
  const projects = renderProjects(shown, { width, now: io.context.now(), ends });
  const rest = restLine(sorted.slice(shown.length), io);
  const list = projects.length === 0 ? [] : ["", ...projects, ...rest];
  return [...waiting, ...list, ...hints(view, io)].join("\n");
}

function waitingPart(
  waiting: readonly Waiting[],
  view: StatusView & { width: number; ends: Ends },
  io: Io,
): string[] {
  const style = styleFor(io);
  if (waiting.length === 0) return [style.green("Nothing waits for you.")];
  const shown = view.long || waiting.length <= MOST_WAITING + 1 ? waiting : waiting.slice(0, MOST_WAITING);
  const things =
    waiting.length === 1
      ? "One thing waits for you"
      : `${waiting.length} things wait for you, the most urgent first`;
  const head = style.bold(things);
  const lines = shown.flatMap((item) => renderWaiting(item, { ...view, io }));
  const more = moreLine(waiting.slice(shown.length), view, io);
  return [head, ...lines, ...(more === null ? [] : [style.dim(more)])];
}

/** `  … 42 more (20 now, 22 soon): vibeops status --all --long` */
function moreLine(rest: readonly Waiting[], { all }: StatusView, io: Io): string | null {
  if (rest.length === 0) return null;
  const counts = (["now", "soon", "later"] as const).flatMap((urgency) => {
    const count = rest.filter((item) => item.urgency === urgency).length;
    return count === 0 ? [] : [`${count} ${urgency}`];
  });
  const command = `${programName(io)} status ${all ? "--all " : ""}--long`;
  return `  … ${rest.length} more (${counts.join(", ")}): ${command}`;
}

/** Those for which the person is waited for come first, in that order; the others by name. */
function byWaiting(projects: readonly ProjectStatus[], waiting: readonly Waiting[]): ProjectStatus[] {
  const order = new Map<string, number>();
  for (const { root } of waiting) if (!order.has(root)) order.set(root, order.size);
  const rank = ({ root }: ProjectStatus) => order.get(root) ?? order.size;
  return [...projects].sort((one, other) => {
    return rank(one) - rank(other) || (one.name < other.name ? -1 : Number(one.name > other.name));
  });
}

function restLine(rest: readonly ProjectStatus[], io: Io): string[] {
  if (rest.length === 0) return [];
  const counts = rest.flatMap(({ pending }) => (pending === null ? [] : Object.values(pending)));
  const memos = counts.reduce((sum, count) => sum + count, 0);
  const what = `… ${rest.length} more projects, ${memos} memos pending`;
  return [styleFor(io).dim(`${what}: ${programName(io)} status --all --long`)];
}

function hints(view: StatusView, io: Io): string[] {
  const program = programName(io);
  const lines: string[] = [];
  if (!view.listed) lines.push(`This project is not on your list: ${program} projects add`);
  const others = view.known - (view.listed ? 1 : 0);
  if (!view.all && others > 0) {
    const which = view.known === 1 ? "The one project" : `All ${view.known} projects`;
    lines.push(`${which} of your list: ${program} status --all`);
  }
  return lines.length === 0 ? [] : ["", ...lines.map((line) => styleFor(io).dim(line))];
}
