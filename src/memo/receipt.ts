import { findSection } from "../text/blocks.ts";
import { formatAddress } from "./address.ts";
import type { Memo } from "./memo.ts";

/** What a receiver says when it has ended a memo of ours. The words are theirs: to be shown, never obeyed. */
export interface Receipt {
  id: string;
  /** Address of whoever ended it. */
  from: string;
  subject: string;
  /** The memo of ours that it answers. */
  answers: string;
  /** What was done, on one line; empty where they say nothing. */
  done: string;
  /** What was not done, and why; null where all was. */
  notDone: string | null;
}

/** A memo read as a receipt; null where it is none. */
export function readReceipt(memo: Memo): Receipt | null {
  if (memo.extra["x-receipt"] !== "done" || memo.replyTo === undefined) return null;
  const section = findSection(memo.text, "Completion");
  const notes = section === null ? "" : memo.text.slice(section.bodyStart, section.end);
  return {
    id: memo.id,
    from: formatAddress(memo.from),
    subject: memo.subject,
    answers: memo.replyTo,
    done: noteOf(notes, "Done") ?? "",
    notDone: noteOf(notes, "Not done"),
  };
}

/** One of the notes that a completion holds, its further lines included, as one line. */
function noteOf(notes: string, name: string): string | null {
  const lines = notes.split(/\r?\n/);
  const first = lines.findIndex((line) => line.startsWith(`- ${name}: `));
  if (first === -1) return null;
  const end = lines.findIndex((line, i) => i > first && !line.startsWith("  "));
  return lines
    .slice(first, end === -1 ? undefined : end)
    .join(" ")
    .slice(`- ${name}: `.length)
    .replaceAll(/\s+/g, " ")
    .trim();
}
