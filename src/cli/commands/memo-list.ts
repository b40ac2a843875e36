import { Exit, VibeopsError } from "../../errors.ts";
import { type KeptMemo, listInbox, listKept, type MemoFilter } from "../../memo/list.ts";
import type { Inbox } from "../../memo/mailbox.ts";
import { readTakenIn } from "../../memo/taken-in.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { flagOption, type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { limitOption, readFilter } from "../memo/memo-filter.ts";
import { renderKept, renderNotes, renderPending, renderRefused, renderRest } from "../memo/render-list.ts";
import { drawnOutcome, type Outcome } from "../outcome.ts";

/** Of what is over, the newest are enough unless somebody asks; of what is pending nothing may be hidden. */
const KEPT_SHOWN = 50;

export async function runMemoList(io: Io, _args: readonly string[], options: Options): Promise<Outcome> {
  const root = findProjectRoot(io.cwd);
  const filter = {
    ...readFilter(options, io.context.now(), ["new", "in progress", "ready"]),
    text: textOption(options, "text"),
  };
  const kept = (["archived", "sent"] as const).filter((state) => flagOption(options, state));
  return kept.length === 0
    ? listPendingMemos(io, root, filter, limitOption(options, 0))
    : listKeptMemos(io, root, kept, filter, limitOption(options, KEPT_SHOWN));
}

function listPendingMemos(io: Io, root: string, filter: MemoFilter, limit: number): Outcome {
  const { memos: all, notes, refused } = listInbox(root, io.context.now(), filter, readTakenIn(root));
  const memos = limit === 0 ? all : all.slice(0, limit);
  const data = { memos, total: all.length, notes, refused: refused.map(refusedData) };
  return drawnOutcome(data, function* () {
    yield* renderPending(memos, io);
    yield* renderRest(memos.length, all.length, "memos", io);
    if (memos.length === 0) yield "No memo is pending.";
    yield* renderNotes(notes, io);
    yield* renderRefused(refused, io);
  });
}

function refusedData({ name, error }: Pick<Inbox["refused"][number], "name" | "error">) {
  const { code, message, line } = error;
  return { name, code, message, ...(line === undefined ? {} : { line }) };
}

function listKeptMemos(
  io: Io,
  root: string,
  states: readonly KeptMemo["state"][],
  filter: MemoFilter,
  limit: number,
): Outcome {
  if (filter.state !== undefined) {
    throw new VibeopsError({
      code: "usage.value",
      exit: Exit.usage,
      message: "--state is of what is pending; what was archived or sent has none of these",
      fix: "leave out --state, or leave out --archived and --sent",
    });
  }
  const now = io.context.now();
  const lists = states.map((state) => listKept(root, state, now, filter, limit));
  const all = lists.flatMap(({ memos }) => memos).sort((one, other) => (one.id < other.id ? 1 : -1));
  const memos = limit === 0 ? all : all.slice(0, limit);
  const total = lists.reduce((sum, list) => sum + list.total, 0);
  const refused = lists.flatMap((list) => list.refused);
  const data = { memos, total, notes: [], refused: refused.map(refusedData) };
  return drawnOutcome(data, function* () {
    yield* renderKept(memos, io);
    yield* renderRest(memos.length, total, "memos", io);
    if (memos.length === 0) yield `No such memo was ${states.join(" or ")}.`;
    yield* renderRefused(refused, io);
  });
}
