import type { Ended } from "./loop/run-loop.ts";
import type { Usage } from "./providers/provider.ts";

/** Something that an agent did, in words for a person, as it happens. */
export interface AgentEvent {
  kind: RuleEvent | ModelEvent | CliEvent;
  text: string;
  /** With `usage`: what the whole session spent so far. */
  spent?: SessionSpent | undefined;
}

interface SessionSpent {
  turns: number;
  usage: Usage;
  /** In the currency of the prices in vibeops.yaml; null where there are none. */
  cost: number | null;
}

type RuleEvent = "brief" | "memo" | "files" | "runbook" | "state" | "left" | "end";

/** `say`: a piece of what a model says, which may hold newlines; all others are one line. */
type ModelEvent = "say" | "call" | "result" | "error" | "wait" | "usage";

/** A line that a vendor's CLI printed, where it has no terminal. */
type CliEvent = "output";

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
  /** Where a model played the role. */
  model?: ModelFacts | undefined;
  /** How a vendor's CLI ended, where one did. */
  cli?: { exitCode: number | null; signal: string | null } | undefined;
}

/** What a model's session came to. */
export interface ModelFacts extends SessionSpent {
  /** As the vendor writes it. */
  model: string;
  ended: Ended;
  /** What it asked a person. */
  questions: readonly string[];
  /** The conversation, below the project. */
  transcript: string;
}
