/** Every kind of thing that waits, the most pressing first, and how soon somebody should look. */
const KINDS = {
  "walk.interrupted": "now",
  "memo.overdue": "now",
  "memo.urgent": "now",
  "runbook.questions": "soon",
  "runbook.approval": "soon",
  "runbook.run": "soon",
  "runbook.verification": "soon",
  "runbook.broken": "soon",
  "memo.quarantine": "soon",
  "project.broken": "soon",
  "project.gone": "soon",
  "projects.path": "soon",
  "runbook.close": "later",
  "runbook.rejected": "later",
  "memo.queued": "later",
} as const;

export type PendingKind = keyof typeof KINDS;

/** `now`: it is late, or a host is in between. `soon`: nothing goes on without a person. `later`: it is to be tidied. */
export type Urgency = (typeof KINDS)[PendingKind];

/** Something that waits for somebody, whichever folder found it: the brief, status and the dashboard put them together. */
export interface PendingItem {
  /** What it is, `subject.state`: `runbook.approval`, `walk.interrupted`. */
  kind: PendingKind;
  /** The same in words: what is to be done, or what happened. */
  words: string;
  id: string;
  /** One line; may hold text from a memo or a runbook, so it is made visible before it is shown. */
  title: string;
  /** Since when, ISO 8601. */
  since?: string;
  /** What to type, in the project's folder. */
  command: string;
  /** What to do by hand where no command does it. */
  fix?: string;
}

export function urgencyOf(kind: PendingKind): Urgency {
  return KINDS[kind];
}

/** The most pressing first; of the same kind, what has waited longest. */
export function byUrgency(one: PendingItem, other: PendingItem): number {
  return rank(one.kind) - rank(other.kind) || compare(one.since ?? "~", other.since ?? "~");
}

const order = Object.keys(KINDS);

function rank(kind: PendingKind): number {
  return order.indexOf(kind);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

export function isPendingKind(value: unknown): value is PendingKind {
  return typeof value === "string" && Object.hasOwn(KINDS, value);
}
