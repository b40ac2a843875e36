import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { publishNew, readIfExists } from "../platform/files.ts";
import { stateDirectory } from "../platform/person.ts";
import type { LatestWalk } from "./latest-walk.ts";
import { listRecordNames, readRecord } from "./record.ts";
import type { RunbookFolder } from "./runbook-folder.ts";
import type { WalkStart } from "./walk-progress.ts";

function nonceFile(env: Context["env"], nonce: string): string {
  return join(stateDirectory(env), "nonces", nonce);
}

/**
 * Which walk used an approval up by this person's own state folder, which agents cannot write; or null. This alone
 * lets a walk go on.
 */
export function notedWalk(env: Context["env"], nonce: string): string | null {
  return readIfExists(nonceFile(env, nonce))?.toString("utf8").trim() ?? null;
}

/**
 * What used an approval up: by this person's state folder, or by any record in the project, whoever wrote it. Good
 * for refusing only: a record in the project is a claim. Null where nothing did.
 */
export function spentBy(env: Context["env"], folder: RunbookFolder, nonce: string): string | null {
  const noted = notedWalk(env, nonce);
  if (noted !== null) return noted;
  const claimed = listRecordNames(folder).find((name) =>
    readRecord(folder, name).events.some(
      (event) => event.event === "start" && [event.approval, ...(event.further ?? [])].includes(nonce),
    ),
  );
  return claimed ?? null;
}

/**
 * The start of a walk that began on its approval here, or was taken over: this person's own note names it.
 *
 * @throws VibeopsError `record.foreign`
 */
export function requireNotedWalk(env: Context["env"], { id, record, state }: LatestWalk): WalkStart {
  const { start } = state;
  if (start !== null && notedWalk(env, start.approval) === id) return start;
  throw new VibeopsError({
    code: "record.foreign",
    exit: Exit.refused,
    message: `nothing here says that approval ${start?.approval ?? "none"} was used up by walk ${id}`,
    file: record.file,
    fix: "if you know who walked it: vibeops runbook run ID --take-over",
  });
}

/** Uses an approval up for one walk, once and for all. @throws VibeopsError `approval.replay` */
export function spendNonce(env: Context["env"], nonce: string, walk: string): void {
  const file = nonceFile(env, nonce);
  mkdirSync(join(stateDirectory(env), "nonces"), { recursive: true, mode: 0o700 });
  if (publishNew(file, Buffer.from(`${walk}\n`)) === "created") return;
  const owner = readIfExists(file)?.toString("utf8").trim();
  if (owner === walk) return;
  throw new VibeopsError({
    code: "approval.replay",
    exit: Exit.refused,
    message: `approval ${nonce} was used up by walk ${owner ?? "unknown"}; it was good for one`,
    fix: "approve again: vibeops runbook approve ID",
  });
}

/** Of a walk that could not begin, on a full disk perhaps: nothing of it is on record anywhere, so nothing ran on the approval. */
export function regainNonce(env: Context["env"], nonce: string, walk: string): void {
  if (notedWalk(env, nonce) === walk) rmSync(nonceFile(env, nonce), { force: true });
}
