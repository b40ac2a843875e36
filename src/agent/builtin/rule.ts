import type { StoredMemo } from "../../memo/mailbox.ts";
import type { Receipt } from "../../memo/receipt.ts";
import type { Context } from "../../platform/context.ts";
import type { Project } from "../../project/project.ts";
import type { LeftMemo, Tell } from "../agent-report.ts";

/** What a role does by rule, without a model: the embedded default, which needs no key and no network. */
export interface RuleSession {
  project: Project;
  role: string;
  /** Pending memos for this role, the most urgent first. */
  memos: readonly StoredMemo[];
  /** What others have finished for this project since its last session, newest first. */
  receipts: readonly Receipt[];
  context: Context;
  tell: Tell;
}

export interface RuleResult {
  /** One line for each thing done, for the hand-over note. */
  did: string[];
  left: LeftMemo[];
}

export type Rule = (session: RuleSession) => Promise<RuleResult>;

export function leave({ memo }: StoredMemo, why: string): LeftMemo {
  return { id: memo.id, subject: memo.subject, why };
}
