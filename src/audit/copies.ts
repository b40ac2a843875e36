import { basename } from "node:path";
import { VibeopsError } from "../errors.ts";
import { idOfFileName } from "../memo/file-name.ts";
import { ARCHIVED, listByMonth, SENT } from "../memo/mailbox.ts";
import { isSameMemo } from "../memo/same-memo.ts";
import { readRegularFile } from "../platform/files.ts";
import type { Project } from "../project/project.ts";
import { type Finding, findingOf } from "../text/finding.ts";
import { auditError, readOrTell } from "./findings.ts";

/** Another project, as far as it can be read here. */
export interface AuditPeer {
  readonly name: string;
  /** Null where it is known to lie here and cannot be read: `error` says why. */
  readonly root: string | null;
  readonly error?: VibeopsError;
}

/** Our archived memos held against the copies of those senders whose projects can be read here. */
export function auditSenders(project: Project, peers: readonly AuditPeer[]): Finding[] {
  if (peers.length === 0) return [];
  // That our own archive cannot be listed is told of all that should be in it.
  const { read: files } = readOrTell(() => listByMonth(project.root, ARCHIVED), ARCHIVED);
  // By the id: under another name it is the same memo.
  const archived = new Map<string | null, string[]>();
  for (const file of files) {
    const id = idOfFileName(basename(file));
    archived.set(id, [...(archived.get(id) ?? []), file]);
  }
  return peers.flatMap((peer) => {
    try {
      if (peer.error !== undefined) throw peer.error;
      return peer.root === null ? [] : compareSent(peer.name, peer.root, archived);
    } catch (error) {
      return [unreadPeer(peer.name, error)];
    }
  });
}

function compareSent(
  name: string,
  root: string,
  archived: ReadonlyMap<string | null, readonly string[]>,
): Finding[] {
  return listByMonth(root, SENT).flatMap((copy) => {
    const ours = archived.get(idOfFileName(basename(copy))) ?? [];
    return ours.flatMap((file) => compareCopies(name, file, copy));
  });
}

function unreadPeer(name: string, error: unknown): Finding {
  const { message, ...found } = findingOf(error, SENT);
  const what = `the copies that ${name} keeps of its memos could not be looked at: ${message}`;
  return { ...found, rule: "audit.peer", level: "warning", message: what };
}

function compareCopies(name: string, ours: string, copy: string): Finding[] {
  try {
    const [one, other] = [readRegularFile(ours), readRegularFile(copy)];
    if (isSameMemo(one, other)) return [];
  } catch (failure) {
    if (failure instanceof VibeopsError) return [];
    throw failure;
  }
  return [
    auditError(
      "memo-copy",
      ours,
      `the copy that ${name} keeps of this memo says something else`,
      `diff ${ours} ${copy}`,
    ),
  ];
}
