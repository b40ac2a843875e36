import type { VibeopsError } from "../errors.ts";
import type { QueueReport } from "../memo/queue.ts";
import type { MailKey } from "./mail-key.ts";

/** What a sync did with one peer elsewhere. */
export interface PeerReport {
  readonly peer: string;
  /** Its git address as vibeops.yaml has it. */
  readonly address: string;
  /** Memos pushed now. */
  sent: number;
  /** Memos taken in now. */
  received: number;
  /** Of ours, those that it has said now that it took in. */
  acknowledged: number;
  /** Of ours, those that still lie in `memos/outgoing`, and why. */
  waiting: { name: string; why: string; needsPerson: boolean }[];
  /** Received and set aside now, with the code of the reason. */
  setAside: readonly { name: string; code: string }[];
  /** Left on its ref: they are no memos, or too many. */
  left: readonly { name: string; error: VibeopsError }[];
  /** What kept it from being reached, read or written to. */
  problems: VibeopsError[];
}

export interface SyncReport {
  readonly peers: readonly PeerReport[];
  /** Memos of the queue for peers on this machine. */
  readonly local: readonly QueueReport[];
  /** What this project's mail is signed with; null where no peer has a git address, or a dry run found none. */
  readonly key: MailKey | null;
  /** Whether that key was made now: the peers do not know it yet. */
  readonly isNewKey: boolean;
}

export function emptyReport(peer: string, address: string): PeerReport {
  const counts = { sent: 0, received: 0, acknowledged: 0 };
  return { peer, address, ...counts, waiting: [], setAside: [], left: [], problems: [] };
}

/** Whether something waits that no further sync will put right by itself. */
export function needsPerson({ peers }: SyncReport): boolean {
  return peers.some(
    ({ waiting, left, problems }) =>
      waiting.some((one) => one.needsPerson) ||
      [...problems, ...left.map(({ error }) => error)].some((error) => error.exit !== 0),
  );
}
