import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { publishNew, readIfExists } from "../platform/files.ts";
import { stateDirectory } from "../platform/person.ts";
import { listWalkIds, readRecord } from "./record.ts";
import type { RunbookFolder } from "./runbook-folder.ts";

function nonceFile(env: Context["env"], nonce: string): string {
  return join(stateDirectory(env), "nonces", nonce);
}

/** Which walk used an approval up by this person's own state folder alone, which agents cannot write; or null. */
export function notedWalk(env: Context["env"], nonce: string): string | null {
  return readIfExists(nonceFile(env, nonce))?.toString("utf8").trim() ?? null;
}

/**
 * Which walk used an approval up: by this person's state folder, which agents cannot write, or by the records in
 * the project, which another person's walk leaves behind. Null where none did.
 */
export function spentBy(env: Context["env"], folder: RunbookFolder, nonce: string): string | null {
  const noted = notedWalk(env, nonce);
  if (noted !== null) return noted;
  const walk = listWalkIds(folder).find((id) => {
    const start = readRecord(folder, id).events[0];
    return start?.event === "start" && start.approval === nonce;
  });
  return walk ?? null;
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
    fix: "approve again: vibeops runbook approve",
  });
}
