import type { VibeopsError } from "../errors.ts";
import type { PendingMemo } from "./inbox-memory.ts";
import type { Memo } from "./memo.ts";
import type { Quarantined } from "./quarantine.ts";
import type { Standing } from "./sender.ts";

/** What an intake did. */
export interface IntakeReport {
  accepted: { memo: Memo; path: string; standing: Standing }[];
  /** Receipts of memos that we sent: filed in the archive at once. */
  receipts: Memo[];
  quarantined: Quarantined[];
  /**
   * Left where it is, and why: taken in before and since edited into something that is no memo, not to be read from
   * here, or kept from being judged by a fault in our own files.
   */
  left: { name: string; error: VibeopsError }[];
  /** Peers whose vibeops.yaml is broken: their mail is unconfirmed. */
  brokenPeers: { peer: string; error: VibeopsError }[];
  /** Names of files without front matter that stay in the inbox. */
  notes: string[];
  /** What is pending now. */
  pending: PendingMemo[];
  /** Whether anything was moved or committed: what arrives a second time leaves without being in a list above. */
  changed: boolean;
}

export function emptyReport(): IntakeReport {
  return {
    accepted: [],
    receipts: [],
    quarantined: [],
    left: [],
    brokenPeers: [],
    notes: [],
    pending: [],
    changed: false,
  };
}

/** Of the commit. */
export function intakeMessage(report: IntakeReport): string {
  const parts = [
    [report.accepted.length, "taken in"],
    [report.receipts.length, report.receipts.length === 1 ? "receipt filed" : "receipts filed"],
    [report.quarantined.length, "set aside"],
  ] as const;
  const summary = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  const lines = report.accepted.map(({ memo, standing }) => {
    return `- ${memo.id} from ${memo.from.project}${standing === "unconfirmed" ? " (unconfirmed)" : ""}`;
  });
  if (summary.length === 0) return "Mail: what an intake that was cut off had set aside";
  return [`Mail: ${summary.join(", ")}`, ...(lines.length > 0 ? ["", ...lines] : [])].join("\n");
}
