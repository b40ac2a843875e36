import type { Context } from "../platform/context.ts";
import type { Project } from "../project/project.ts";
import type { MailKey } from "./mail-key.ts";
import type { MailRemote } from "./mail-remote.ts";
import type { Scratch } from "./scratch.ts";
import type { Seen } from "./seen.ts";
import type { Transport } from "./transport.ts";

/** One project's dealings with one remote during a sync: several peers may be met there. */
export interface Link {
  readonly project: Project;
  readonly context: Context;
  /** Which project this is among all of the person's. */
  readonly identity: string;
  /** Null in a dry run of a project that has none yet. */
  readonly key: MailKey | null;
  readonly remote: MailRemote;
  readonly transport: Transport;
  readonly seen: Seen;
  /** Names under `peers` that have this address and are to be met now. */
  readonly peers: readonly string[];
  /** Memos that wait in `memos/outgoing` for them. */
  readonly outgoing: readonly Outgoing[];
  scratch: Scratch;
}

/** A memo that waits for a peer elsewhere; our copy of it is committed. */
export interface Outgoing {
  readonly peer: string;
  readonly name: string;
  readonly bytes: Buffer;
}
