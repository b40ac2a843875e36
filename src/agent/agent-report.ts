/** Something that an agent did, in words for a person, as it happens. */
export interface AgentEvent {
  kind: "brief" | "memo" | "files" | "runbook" | "state" | "left" | "end";
  text: string;
}

export type Tell = (event: AgentEvent) => void;

/** A memo that stays pending, and why. */
export interface LeftMemo {
  id: string;
  subject: string;
  why: string;
}

/** What a session of an agent came to. */
export interface AgentReport {
  role: string;
  provider: string;
  events: AgentEvent[];
  left: LeftMemo[];
  /** The commit of the hand-over; null where nothing had to be committed. */
  commit: string | null;
}
