import type { MemoSummary } from "../memo/list.ts";
import type { Receipt } from "../memo/receipt.ts";
import type { PendingItem } from "../project/pending.ts";
import type { StateSection } from "../state/sections.ts";
import type { Changes } from "./changes.ts";
import type { Warning } from "./warnings.ts";

/** What a session begins with, as plain values: the same facts always make the same brief. */
export interface BriefFacts {
  project: string;
  roles: readonly string[];
  /** ISO 8601. */
  now: string;
  warnings: readonly Warning[];
  /** By priority, then the oldest first. */
  memos: readonly MemoSummary[];
  runbooks: readonly PendingItem[];
  /** What others have finished for us since the last session, newest first. */
  receipts: readonly Receipt[];
  /** Null where there is no STATE.md. */
  state: { sections: Readonly<Record<StateSection, string>>; others: readonly string[] } | null;
  changes: Changes;
  /** Names of files in the inbox that are no memos. */
  notes: readonly string[];
  /** Names in quarantine. */
  quarantine: readonly string[];
}
