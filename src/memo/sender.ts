import { join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import { readIfExists, readRegularFile } from "../platform/files.ts";
import { idMonth } from "../platform/ids.ts";
import { sameBytes } from "../platform/replace.ts";
import { explainMailGrant } from "../project/grants.ts";
import { loadPeer } from "../project/peers.ts";
import type { Project } from "../project/project.ts";
import { findByMonth, SENT, type StoredMemo } from "./mailbox.ts";
import { parseMemo } from "./memo.ts";

/**
 * How far we know that a memo is its sender's: `confirmed` by the copy that the sender keeps, or `unconfirmed`
 * where that copy cannot be read from here.
 */
export type Standing = "confirmed" | "unconfirmed";

/**
 * Asks the receiver's own files whether this memo may come in.
 *
 * @throws VibeopsError `memo.misdelivered`, `memo.unknown-sender`, `memo.not-granted`, `memo.forged` with the
 *   line to add where a line would change it
 */
export function checkSender(project: Project, { path, name, memo }: StoredMemo, now: Date): Standing {
  const refuse = (code: string, message: string, fix: string) =>
    new VibeopsError({ code, exit: Exit.refused, message, file: path, fix });
  if (memo.to.project !== project.name) {
    throw refuse(
      "memo.misdelivered",
      `this memo is addressed to '${memo.to.project}', not to ${project.name}`,
      "send it there",
    );
  }
  const sender = findSender(project, memo.from.project);
  if (sender === "unknown") {
    throw refuse(
      "memo.unknown-sender",
      `${project.name} has no peer '${memo.from.project}'`,
      `if you want its mail, run: vibeops init --peer <its folder>; then: mv '${name}' back to memos/incoming`,
    );
  }
  if (sender === null) return acceptFromAfar(project, { path, name, memo }, now, refuse);
  if (sender.root !== project.root && !isReplyToUs(project, { path, name, memo }, now)) {
    const answer = explainMailGrant(project, sender, memo.type, now);
    if (!answer.granted) throw refuse("memo.not-granted", answer.reason, answer.fix);
  }
  const copy = readIfExists(join(sender.root, SENT, idMonth(memo.id), name));
  if (copy === null || !sameBytes(copy, Buffer.from(memo.text))) {
    const what = copy === null ? "keeps no copy of it" : "keeps a copy with other words";
    throw refuse("memo.forged", `${sender.name} ${what}: this memo is not what it sent`, "ask the sender");
  }
  return "confirmed";
}

function findSender(project: Project, name: string): Project | null | "unknown" {
  if (name === project.name) return project;
  for (const peer of Object.keys(project.config.peers)) {
    const candidate = loadPeer(project, peer);
    if ((candidate?.name ?? peer) === name) return candidate;
  }
  return "unknown";
}

/** The sender's folder cannot be read from here: its grant is looked up under the peer's own name. */
function acceptFromAfar(
  project: Project,
  stored: StoredMemo,
  now: Date,
  refuse: (code: string, message: string, fix: string) => VibeopsError,
): Standing {
  const { memo } = stored;
  const today = now.toISOString().slice(0, 10);
  const granted = project.config.accepts.some(
    (grant) =>
      grant.from === memo.from.project &&
      (grant.types === undefined || grant.types.includes(memo.type)) &&
      (grant.until === undefined || today <= grant.until),
  );
  if (granted || isReplyToUs(project, stored, now)) return "unconfirmed";
  throw refuse(
    "memo.not-granted",
    `${project.name} does not accept mail of type ${memo.type} from ${memo.from.project}`,
    `add under accepts: "- { from: ${memo.from.project}, types: [${memo.type}] }"`,
  );
}

/** A reply to a memo that this project sent to that sender needs no grant. */
function isReplyToUs(project: Project, { memo }: StoredMemo, now: Date): boolean {
  if (memo.replyTo === undefined) return false;
  const sent = findByMonth(project.root, SENT, memo.replyTo);
  if (sent === null) return false;
  return parseMemo(readRegularFile(sent), { file: sent, now }).to.project === memo.from.project;
}
