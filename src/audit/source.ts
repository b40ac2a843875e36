import type { Trust } from "../runbook/foreign-key.ts";
import type { Gate } from "../runbook/gate.ts";
import type { WholeTrail } from "./earlier-places.ts";
import type { PolicyVersions } from "./policy-versions.ts";

/** What an audit reads. */
export interface AuditSource {
  readonly gate: Gate;
  /** Whose signatures count: the person's own list, or one that an auditor brought along. */
  readonly trust: Trust;
  /** The fingerprint of the person's own key where it opens without them; see findOpenKey. */
  readonly openKey: string | null;
  /** All commits that HEAD comes from; null where git cannot read them any more. */
  readonly ancestors: ReadonlySet<string> | null;
  readonly policies: PolicyVersions;
}

/** What git holds of the files of runbooks. */
export interface Story extends WholeTrail {
  /** Path as git names it to object id, in the commit that is looked at. */
  readonly head: ReadonlyMap<string, string>;
}
