import { join } from "node:path";
import { PROJECT_FILE } from "./discovery.ts";
import { peerNameOf } from "./peers.ts";
import type { Grant, Project } from "./project.ts";

export type GrantAnswer =
  | { granted: true; grant: Grant }
  | { granted: false; reason: string; file: string; line: number | undefined; fix: string };

/**
 * Whether `receiver` accepts mail of this type from `sender`, and if not, which line would make it so. The
 * sender is known by its folder: `accepts.from` names an entry of the receiver's own peers, never a name that
 * the sender chose.
 */
export function explainMailGrant(receiver: Project, sender: Project, type: string, now: Date): GrantAnswer {
  return explain(
    receiver,
    sender,
    now,
    `mail of type ${type}`,
    (grant) => grantsType(grant, type),
    `types: [${type}]`,
  );
}

/** Whether `receiver` lets `reader` read its STATE.md or its memos. */
export function explainReadGrant(
  receiver: Project,
  reader: Project,
  what: "state" | "memos",
  now: Date,
): GrantAnswer {
  const holds = (grant: Grant) => grant.read?.includes(what) === true;
  return explain(receiver, reader, now, `reading ${what}`, holds, `read: [${what}]`);
}

function grantsType(grant: Grant, type: string): boolean {
  return grant.types === undefined || (grant.types as readonly string[]).includes(type);
}

function explain(
  receiver: Project,
  sender: Project,
  now: Date,
  what: string,
  holds: (grant: Grant) => boolean,
  words: string,
): GrantAnswer {
  const refuse = (reason: string, fix: string, line?: number): GrantAnswer => {
    return { granted: false, reason, file: join(receiver.root, PROJECT_FILE), line, fix };
  };
  const peer = peerNameOf(receiver, sender.root);
  if (peer === null) {
    return refuse(
      `${receiver.name} does not list ${sender.name} as a peer`,
      `in ${receiver.name}: vibeops init --peer <folder of ${sender.name}>`,
      receiver.lineOf(["peers"]),
    );
  }
  const grants = receiver.config.accepts.filter((grant) => grant.from === peer);
  const line = receiver.lineOf(["accepts"]);
  const fix = `add under accepts: "- { from: ${peer}, ${words} }"`;
  if (grants.length === 0) return refuse(`${receiver.name} accepts nothing from ${peer}`, fix, line);
  const fitting = grants.filter(holds);
  if (fitting.length === 0) return refuse(`${receiver.name} does not accept ${what} from ${peer}`, fix, line);
  const valid = fitting.find((grant) => !hasExpired(grant, now));
  if (valid !== undefined) return { granted: true, grant: valid };
  return refuse(`what ${receiver.name} accepted from ${peer} ended on ${fitting[0]?.until}`, fix, line);
}

/** A grant holds through the whole of its last day (UTC). */
export function hasExpired(grant: Grant, now: Date): boolean {
  return grant.until !== undefined && now.toISOString().slice(0, 10) > grant.until;
}
