import type { Trail } from "../platform/git-trail.ts";
import type { Trust } from "../runbook/evaluate-approval.ts";
import type { Gate } from "../runbook/gate.ts";

/** What an audit reads. */
export interface AuditSource {
  readonly gate: Gate;
  /** Whose signatures count: the person's own list, or one that an auditor brought along. */
  readonly trust: Trust;
  readonly ancestors: ReadonlySet<string>;
}

/** What git holds of the files that are looked at. */
export interface Story {
  readonly trail: Trail;
  /** Path as git names it to object id, in HEAD. */
  readonly head: ReadonlyMap<string, string>;
}
