/** Something that waits for somebody, whichever folder found it: the brief, status and the dashboard put them together. */
export interface PendingItem {
  /** What it is, `subject.state`: `runbook.approval`, `walk.interrupted`. */
  kind: string;
  /** The same in words: what is to be done, or what happened. */
  words: string;
  id: string;
  /** One line; may hold text from a memo or a runbook, so it is made visible before it is shown. */
  title: string;
  /** Since when, ISO 8601. */
  since?: string;
  /** What to type. */
  command: string;
}
