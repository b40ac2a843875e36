import { VibeopsError } from "../errors.ts";
import { isOverdue } from "../memo/due.ts";
import type { MemoSummary } from "../memo/list.ts";
import { compactTime } from "../platform/ids.ts";
import { DAY_MS } from "../platform/units-of-time.ts";
import { describeUntil, type PlacedGrant } from "../project/grants.ts";
import { inQuotes } from "./brief-text.ts";

export const STALE_STATE_DAYS = 14;
const OLD_MEMO_DAYS = 7;

/** What is wrong or in the way, and what to type. */
export interface Warning {
  /** `memo.overdue`, `state.stale` … */
  kind: string;
  /** One line; names of files in it are not made visible yet. */
  text: string;
  command?: string;
}

export interface WarningFacts {
  now: Date;
  memos: readonly MemoSummary[];
  /** Null where there is no STATE.md; undefined where it cannot be read, of which whoever tried has said why. */
  state: { touchedLately: boolean; mailLately: boolean } | null | undefined;
  /** Paths that differ from HEAD. */
  uncommitted: readonly string[];
  queued: number;
  /** Grants of this project that end within a fortnight. */
  ending: readonly PlacedGrant[];
  /** When the session before began, if nobody ended it. */
  openSince: string | null;
}

/** The most pressing first. */
export function findWarnings(facts: WarningFacts): Warning[] {
  return [
    ...overdueMemos(facts),
    ...oldMemos(facts),
    ...staleState(facts),
    ...queuedMemos(facts),
    ...endingGrantsOf(facts),
    ...openSession(facts),
    ...uncommittedFiles(facts),
  ];
}

/** An error that must not keep the brief from being shown. */
export function warningFromError(error: VibeopsError): Warning {
  const place =
    error.file === undefined
      ? ""
      : ` (${nameOf(error.file)}${error.line === undefined ? "" : `:${error.line}`})`;
  return {
    kind: error.code,
    text: `${error.message}${place}`,
    ...(error.fix === undefined ? {} : { command: error.fix }),
  };
}

/** @throws what is not ours again */
export function requireOurError(error: unknown): VibeopsError {
  if (error instanceof VibeopsError) return error;
  throw error;
}

function overdueMemos({ memos, now }: WarningFacts): Warning[] {
  const overdue = memos.filter((memo) => isOverdue(memo, now));
  if (overdue.length === 0) return [];
  const text = `${count(overdue.length, "memo is", "memos are")} overdue: ${idsOf(overdue)}`;
  return [{ kind: "memo.overdue", text, command: "vibeops memo list" }];
}

function oldMemos({ memos, now }: WarningFacts): Warning[] {
  const limit = compactTime(new Date(now.getTime() - OLD_MEMO_DAYS * DAY_MS));
  const old = memos.filter((memo) => memo.id < limit);
  if (old.length === 0) return [];
  const text = `${count(old.length, "memo has", "memos have")} waited for more than ${OLD_MEMO_DAYS} days: ${idsOf(old)}`;
  return [{ kind: "memo.old", text, command: "vibeops memo list" }];
}

function staleState({ state }: WarningFacts): Warning[] {
  if (state === null) {
    return [
      { kind: "state.missing", text: "there is no STATE.md", command: "vibeops state set --status TEXT" },
    ];
  }
  if (state === undefined || state.touchedLately || !state.mailLately) return [];
  const text = `STATE.md was not touched for ${STALE_STATE_DAYS} days while memos came: do not rely on it`;
  return [{ kind: "state.stale", text, command: "vibeops state set --status TEXT" }];
}

function queuedMemos({ queued }: WarningFacts): Warning[] {
  if (queued === 0) return [];
  const text = `${count(queued, "memo has", "memos have")} not reached a peer yet (memos/outgoing)`;
  return [{ kind: "memo.queued", text, command: "vibeops sync" }];
}

function endingGrantsOf({ ending, now }: WarningFacts): Warning[] {
  return ending.map(({ grant, line }) => ({
    kind: "grant.ending",
    text: `what comes in from ${grant.from} does so ${describeUntil(grant, now)} (vibeops.yaml:${line ?? 1})`,
    command: `a person may renew it: vibeops grant add ${grant.from} --until DAY`,
  }));
}

function openSession({ openSince }: WarningFacts): Warning[] {
  if (openSince === null) return [];
  const text = `the session that began at ${openSince} was never ended: its hand-over is missing`;
  return [{ kind: "session.open", text, command: "git log" }];
}

function uncommittedFiles({ uncommitted }: WarningFacts): Warning[] {
  if (uncommitted.length === 0) return [];
  const shown = uncommitted.slice(0, 5).map(nameOf).join(", ");
  const rest = uncommitted.length > 5 ? ` and ${uncommitted.length - 5} more` : "";
  return [{ kind: "git.uncommitted", text: `not committed: ${shown}${rest}`, command: "git status" }];
}

/** A name that reads like more than a name was chosen by somebody: it stands as what others wrote stands. */
export function nameOf(path: string): string {
  return /^[\w./@+:,=~%-]+$/.test(path) ? path : inQuotes(path, 120);
}

function idsOf(memos: readonly MemoSummary[]): string {
  const shown = memos.slice(0, 5).map((memo) => memo.id);
  return memos.length > 5 ? `${shown.join(", ")} …` : shown.join(", ");
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}
