import { Exit, VibeopsError } from "../../errors.ts";
import {
  type KeptMemo,
  listInbox,
  listKept,
  type MemoFilter,
  sortByUrgency,
  sortNewestFirst,
} from "../../memo/list.ts";
import { INCOMING, type RefusedFile } from "../../memo/mailbox.ts";
import { readTakenIn } from "../../memo/taken-in.ts";
import { flagOption, type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { limitOption, readFilter } from "../memo/memo-filter.ts";
import { findMemoProjects, type MemoProjects, readEachProject } from "../memo/memo-projects.ts";
import {
  renderKept,
  renderNotes,
  renderPending,
  renderRefused,
  renderRest,
  renderUnread,
} from "../memo/render-list.ts";
import { drawnOutcome, type Outcome } from "../outcome.ts";

/** Of what is over, the newest are enough unless somebody asks; of what is pending nothing may be hidden. */
const KEPT_SHOWN = 50;

export async function runMemoList(io: Io, _args: readonly string[], options: Options): Promise<Outcome> {
  refuseKeptState(textOption(options, "state"));
  const filter = {
    ...readFilter(options, io.context.now(), ["new", "in progress", "ready"]),
    text: textOption(options, "text"),
  };
  const kept = (["archived", "sent"] as const).filter((state) => flagOption(options, state));
  if (kept.length > 0) refuseState(filter);
  const limit = limitOption(options, kept.length === 0 ? 0 : KEPT_SHOWN);
  const projects = await findMemoProjects(io, options);
  return kept.length === 0
    ? listPendingMemos(io, projects, filter, limit)
    : listKeptMemos(io, projects, kept, filter, limit);
}

/** States of what a search shows, and the flag that lists them here. */
const KEPT_STATES: Readonly<Record<string, string>> = {
  done: "--archived",
  archived: "--archived",
  sent: "--sent",
};

function refuseKeptState(state: string | undefined): void {
  if (state === undefined || !Object.hasOwn(KEPT_STATES, state)) return;
  throw new VibeopsError({
    code: "usage.value",
    exit: Exit.usage,
    message: `--state is '${state}', and this list is of what is pending`,
    fix: `vibeops memo list ${KEPT_STATES[state]}`,
  });
}

function refuseState(filter: MemoFilter): void {
  if (filter.state === undefined) return;
  throw new VibeopsError({
    code: "usage.value",
    exit: Exit.usage,
    message: "--state is of what is pending; what was archived or sent has none of these",
    fix: "leave out --state, or leave out --archived and --sent",
  });
}

function listPendingMemos(io: Io, projects: MemoProjects, filter: MemoFilter, limit: number): Outcome {
  const { lists: inboxes, unread } = readEachProject(projects, (root) =>
    listInbox(root, io.context, filter, readTakenIn(root)),
  );
  const all = sortByUrgency(inboxes.map(({ memos }) => memos));
  const memos = limit === 0 ? all : all.slice(0, limit);
  const notes = inboxes.flatMap((inbox) => inbox.notes.map((name) => ({ root: inbox.root, name })));
  const refused = inboxes.flatMap((inbox) => inbox.refused);
  const names = notes.map(({ root, name }) => (projects.isAll ? `${root}/${INCOMING}/${name}` : name));
  const data = { memos, total: all.length, notes: names, ...problems(refused, unread, projects) };
  return drawnOutcome(data, function* () {
    yield* renderPending(memos, projects, io);
    yield* renderRest(memos.length, all.length, "memos", io);
    if (memos.length === 0) yield nothingPending(filter);
    yield* renderNotes(notes, projects, io);
    yield* renderRefused(refused, projects, io);
    yield* renderUnread(unread, "not listed", io);
  });
}

function nothingPending(filter: MemoFilter): string {
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  return isFiltered ? "No such memo is pending." : "No memo is pending.";
}

/** What could not be listed, for a program. */
function problems(
  refused: readonly RefusedFile[],
  unread: readonly VibeopsError[],
  { isAll }: Pick<MemoProjects, "isAll">,
) {
  const files = refused.map(({ name, path, error: { code, message, line } }) => {
    return { name, path, code, message, ...(line === undefined ? {} : { line }) };
  });
  const projects = unread.map(({ code, message, file }) => ({ code, message, file }));
  return isAll ? { refused: files, unread: projects } : { refused: files };
}

function listKeptMemos(
  io: Io,
  projects: MemoProjects,
  states: readonly KeptMemo["state"][],
  filter: MemoFilter,
  limit: number,
): Outcome {
  const now = io.context.now();
  const { lists, unread } = readEachProject(projects, (root) => {
    const kept = states.map((state) => listKept(root, state, now, filter, limit));
    return {
      memos: kept.flatMap((list) => list.memos),
      total: kept.reduce((sum, list) => sum + list.total, 0),
      refused: kept.flatMap((list) => list.refused),
    };
  });
  const all = sortNewestFirst(lists.map(({ memos }) => memos));
  const memos = limit === 0 ? all : all.slice(0, limit);
  const total = lists.reduce((sum, list) => sum + list.total, 0);
  const refused = lists.flatMap((list) => list.refused);
  const data = { memos, total, notes: [], ...problems(refused, unread, projects) };
  return drawnOutcome(data, function* () {
    yield* renderKept(memos, io);
    yield* renderRest(memos.length, total, "memos", io);
    if (memos.length === 0) yield `No such memo was ${states.join(" or ")}.`;
    yield* renderRefused(refused, projects, io);
    yield* renderUnread(unread, "not listed", io);
  });
}
