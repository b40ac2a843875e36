import type { PendingCounts } from "../../memo/pending.ts";
import { age, oneLine } from "../../session/brief-text.ts";
import type { ProjectStatus } from "../../session/project-status.ts";
import { clipToWidth, displayWidth } from "../../text/wrap.ts";
import { alignColumns } from "../style.ts";
import { type Ends, shownName } from "./tell-apart.ts";

interface View {
  readonly width: number;
  readonly now: Date;
  readonly ends: Ends;
}

const NARROWEST_HEADLINE = 12;

/** A line each: name, role, memos, runbooks, when it last changed, and the first line of its status as far as it fits. */
export function renderProjects(projects: readonly ProjectStatus[], { width, now, ends }: View): string[] {
  const heads = alignColumns(projects.map((project) => [...cells(project, now, ends), ""]));
  const widest = Math.max(0, ...heads.map(displayWidth));
  return heads.map((head, i) => {
    const padded = head + " ".repeat(widest - displayWidth(head));
    const room = width - widest - 2;
    const headline = room < NARROWEST_HEADLINE ? "" : oneLine(projects[i]?.headline ?? "", 200);
    return clipToWidth(`${padded}  ${clipToWidth(headline, room)}`.trimEnd(), width);
  });
}

function cells(project: ProjectStatus, now: Date, ends: Ends): string[] {
  const { name, root, roles, pending, runbooks, active } = project;
  return [
    shownName(name, ends.get(root), 24),
    clipToWidth(roles.join(", "), 16),
    pending === null ? "?" : formatCounts(pending),
    runbooks === 0 ? "" : `${runbooks} ${runbooks === 1 ? "runbook" : "runbooks"}`,
    active === undefined ? "" : age(new Date(active), now),
  ];
}

/** `50 memos (1 urgent, 3 high)` */
function formatCounts({ urgent, high, normal, low }: PendingCounts): string {
  const total = urgent + high + normal + low;
  if (total === 0) return "no memos";
  const pressing = [
    ...(urgent === 0 ? [] : [`${urgent} urgent`]),
    ...(high === 0 ? [] : [`${high} high`]),
  ].join(", ");
  return `${total} ${total === 1 ? "memo" : "memos"}${pressing === "" ? "" : ` (${pressing})`}`;
}
