import { isOverdue } from "../memo/due.ts";
import type { MemoSummary } from "../memo/list.ts";
import type { Receipt } from "../memo/receipt.ts";
import { idTime } from "../platform/ids.ts";
import type { PendingItem } from "../project/pending.ts";
import { STATE_SECTIONS, type StateSection } from "../state/sections.ts";
import { nameProgram } from "../text/own-commands.ts";
import { age, inQuotes, oneLine, quoteLines } from "./brief-text.ts";
import type { Commit } from "./changes.ts";
import type { BriefFacts } from "./facts.ts";
import type { Warning } from "./warnings.ts";

/** A part of the brief that can be cut: the lines that fit are shown, and `rest` says how to see the others. */
export interface BriefSection {
  title: string;
  lines: Lines;
  /** Where some lines are left out: what and how to see it; `shown` is 0 where all are. */
  rest(shown: number): string;
  /** The part of the budget that it may take before the others have had theirs, 0 to 1. */
  share: number;
}

/** Lines that are made when they are asked for: of a thousand memos, the brief has room for some sixty. */
interface Lines {
  readonly length: number;
  at(index: number): string;
}

function linesOf<T>(items: readonly T[], format: (item: T) => string): Lines {
  const made: string[] = [];
  const make = (index: number) => {
    const item = items[index];
    const line = item === undefined ? "" : format(item);
    made[index] = line;
    return line;
  };
  return { length: items.length, at: (index) => made[index] ?? make(index) };
}

const asItIs = (line: string) => line;

/** The sections of the brief, the most important first; some may be empty. `program`: how vibeops is called here. */
export function briefSections(facts: BriefFacts, program: string): BriefSection[] {
  const sections = [
    warningSection(facts, program),
    memoSection(facts),
    runbookSection(facts, program),
    receiptSection(facts),
    stateSection(facts, "handover", 0.15),
    stateSection(facts, "next", 0.1),
    stateSection(facts, "status", 0.1),
    stateSection(facts, "progress", 0.05),
    otherStateSections(facts),
    changeSection(facts),
    noteSection(facts, program),
    quarantineSection(facts),
  ];
  return sections.map((section) => ({
    ...section,
    rest: (shown: number) => nameProgram(section.rest(shown), program),
  }));
}

function warningSection({ warnings }: BriefFacts, program: string): BriefSection {
  return {
    title: "Warnings",
    lines: linesOf(warnings, (warning) => formatWarning(warning, program)),
    rest: (shown) => `${remaining(warnings, shown, "warning")}: \`vibeops session start --budget 8000\``,
    share: 0.2,
  };
}

function formatWarning({ text, command }: Warning, program: string): string {
  return `- ${oneLine(text, 300)}${command === undefined ? "" : ` → ${nameProgram(oneLine(command, 200), program)}`}`;
}

function memoSection({ memos, now }: BriefFacts): BriefSection {
  const nameOf = shortNames(memos);
  return {
    title: `Pending memos (${memos.length})`,
    lines: linesOf(memos, (memo) => formatMemoLine(memo, nameOf(memo.id), new Date(now))),
    rest: (shown) => `${remaining(memos, shown, "memo")}: \`vibeops memo list\``,
    share: 0.3,
  };
}

function formatMemoLine(memo: MemoSummary, name: string, now: Date): string {
  const since = idTime(memo.id);
  const facts = [
    `${memo.type} from ${oneLine(memo.from, 140)}`,
    since === null ? "" : `${age(since, now)} old`,
    memo.boxes === 0 ? "" : `${memo.ticked}/${memo.boxes} done`,
    memo.due === undefined ? "" : `due ${oneLine(memo.due, 30)}${isOverdue(memo, now) ? " (overdue)" : ""}`,
  ];
  return `- ${name} ${memo.priority}: ${facts.filter((fact) => fact !== "").join(", ")}: ${inQuotes(memo.subject, 120)}`;
}

/** The random part of an id names a memo, unless two share it. */
function shortNames(memos: readonly MemoSummary[]): (id: string) => string {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const short of memos.map(({ id }) => id.slice(-8))) (seen.has(short) ? shared : seen).add(short);
  return (id) => (shared.has(id.slice(-8)) ? id : id.slice(-8));
}

function runbookSection({ runbooks, now }: BriefFacts, program: string): BriefSection {
  return {
    title: `Runbooks that wait (${runbooks.length})`,
    lines: linesOf(runbooks, (item) => formatPending(item, new Date(now), program)),
    rest: (shown) => `${remaining(runbooks, shown, "runbook")}: \`vibeops runbook list\``,
    share: 0.1,
  };
}

function formatPending(item: PendingItem, now: Date, program: string): string {
  const since = item.since === undefined ? Number.NaN : Date.parse(item.since);
  const waits = Number.isNaN(since) ? "" : `, for ${age(new Date(since), now)}`;
  return `- ${oneLine(item.words, 40)}${waits}: ${inQuotes(item.title, 120)} → ${nameProgram(oneLine(item.command, 200), program)}`;
}

function receiptSection({ receipts }: BriefFacts): BriefSection {
  return {
    title: `Finished by others (${receipts.length})`,
    lines: linesOf(receipts, formatReceipt),
    rest: (shown) => `${remaining(receipts, shown, "receipt")}: \`vibeops memo search "x-receipt: done"\``,
    share: 0.08,
  };
}

function formatReceipt({ from, subject, done, notDone }: Receipt): string {
  const said = done === "" ? "" : `: ${inQuotes(done, 200)}`;
  const open = notDone === null ? "" : `; not done: ${inQuotes(notDone, 120)}`;
  return `- ${oneLine(from, 140)}: ${inQuotes(subject, 120)}${said}${open}`;
}

function stateSection({ state }: BriefFacts, key: StateSection, share: number): BriefSection {
  const title = STATE_SECTIONS.find((section) => section.key === key)?.title ?? key;
  const lines = quoteLines(state?.sections[key] ?? "");
  const rest = (shown: number) => {
    const what = shown === 0 ? title.toLowerCase() : remaining(lines, shown, "line");
    return `${what}: \`vibeops state show\``;
  };
  return { title, lines: linesOf(lines, asItIs), rest, share };
}

function otherStateSections({ state }: BriefFacts): BriefSection {
  const others = state?.others ?? [];
  const names = others.map((title) => inQuotes(title, 80)).join(", ");
  return {
    title: "Also in STATE.md",
    lines: linesOf(others.length === 0 ? [] : [`${oneLine(names, 300)}: \`cat STATE.md\``], asItIs),
    rest: () => "further sections of STATE.md: `cat STATE.md`",
    share: 0.02,
  };
}

function changeSection({ changes }: BriefFacts): BriefSection {
  const { commits, more, since, summary } = changes;
  const range = since === null ? "" : ` ${since.slice(0, 10)}..HEAD`;
  const number = more ? `more than ${commits.length}` : String(commits.length);
  const total = summary === "" ? [] : [`- in all: ${oneLine(summary, 120)}`];
  return {
    title: since === null ? "Latest commits" : `Committed since the last session (${number})`,
    lines: linesOf(commits.length === 0 ? [] : [...total, ...commits.map(formatCommit)], asItIs),
    rest: (shown) => `${shown === 0 ? "commits" : "more commits"}: \`git log --oneline${range}\``,
    share: 0.08,
  };
}

function formatCommit({ hash, date, author, subject }: Commit): string {
  return `- ${oneLine(hash, 40)} ${oneLine(date, 10)} ${inQuotes(author, 40)}: ${inQuotes(subject, 100)}`;
}

function noteSection({ notes }: BriefFacts, program: string): BriefSection {
  return {
    title: `Notes in the inbox that are no memos (${notes.length})`,
    lines: linesOf(notes, (name) => `- ${inQuotes(name, 120)} → ${program} memo adopt FILE`),
    rest: (shown) => `${remaining(notes, shown, "note")}: \`ls memos/incoming\``,
    share: 0.03,
  };
}

function quarantineSection({ quarantine }: BriefFacts): BriefSection {
  return {
    title: `In quarantine, the reason beside each (${quarantine.length})`,
    lines: linesOf(quarantine, (name) => `- ${inQuotes(name, 120)}`),
    rest: (shown) => {
      return `${remaining(quarantine, shown, "file")} in quarantine: \`ls memos/quarantine\``;
    },
    share: 0.03,
  };
}

/** `3 memos`, or `2 more memos` where some are shown. */
function remaining(all: readonly unknown[], shown: number, noun: string): string {
  const number = all.length - shown;
  return `${number} ${shown === 0 ? "" : "more "}${noun}${number === 1 ? "" : "s"}`;
}
