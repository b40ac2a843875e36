import type { Context } from "../platform/context.ts";
import type { Git } from "../platform/git.ts";
import { type InHead, readCommitted } from "./in-head.ts";
import { type PendingMemo, pendingId, recallInboxMemos } from "./inbox-memory.ts";
import type { Inbox, StoredMemo } from "./mailbox.ts";

/** The inbox before an intake: what was taken in before, and what was not. */
interface InboxLook extends Omit<Inbox, "memos"> {
  readonly inHead: InHead;
  /** Taken in before, and committed, by id. */
  readonly seen: Map<string, PendingMemo>;
  readonly unseen: StoredMemo[];
}

interface LookOptions {
  /** The inbox; absolute. */
  readonly directory: string;
  /** The names in it, sorted. */
  readonly names: readonly string[];
  /** Folders whose names in HEAD are wanted beside the inbox's. */
  readonly beside: readonly string[];
  /** Names of what an intake took in. */
  readonly remembered: ReadonlySet<string>;
}

/** Looks at the inbox while git says what HEAD holds. @throws VibeopsError of git, and `file.…` where a folder is at fault */
export async function lookAtInbox(
  root: string,
  target: Git,
  context: Context,
  { directory, names, beside, remembered }: LookOptions,
): Promise<InboxLook> {
  const readHead = () => readCommitted(target, [directory, ...beside]);
  // What goes wrong, git says when it is asked again.
  const asked = readHead().catch(() => null);
  const recall = (mayRecall: (name: string) => boolean) => {
    const memos: PendingMemo[] = [];
    return { memos, ...recallInboxMemos(root, context, (memo) => memos.push(memo), { mayRecall, names }) };
  };
  const first = recall((name) => remembered.has(name));
  const inHead = (await asked) ?? (await readHead());
  const committed = inHead(directory);
  const isKnown = (name: string) => remembered.has(name) && committed.has(name);
  // Where somebody took commits back, what HEAD holds no more is read after all.
  const isTrue = first.memos.every((memo) => "memo" in memo || isKnown(memo.name));
  const { memos, ...others } = isTrue ? first : recall(isKnown);
  const seen = new Map<string, PendingMemo>();
  const unseen: StoredMemo[] = [];
  for (const memo of memos) {
    if ("memo" in memo && !isKnown(memo.name)) unseen.push(memo);
    else seen.set(pendingId(memo), memo);
  }
  return { ...others, inHead, seen, unseen };
}
