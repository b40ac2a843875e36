import { rmSync } from "node:fs";
import { join } from "node:path";
import type { VibeopsError } from "../errors.ts";
import { readCommitted } from "../memo/in-head.ts";
import { QUARANTINE } from "../memo/mailbox.ts";
import { setAside } from "../memo/quarantine.ts";
import type { Context } from "../platform/context.ts";
import { publishNew } from "../platform/files.ts";
import { ensureDirectory } from "../platform/folders.ts";
import { requireGit } from "../platform/git.ts";
import { commitFiles } from "../platform/git-commit.ts";
import { allOrNothing } from "../platform/undo.ts";
import type { Project } from "../project/project.ts";

/** A memo that must not even reach the inbox. */
export interface Refused {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly error: VibeopsError;
}

/** Puts memos into quarantine that never were in the inbox, where another intake could have taken them for mail. */
export async function setAsideMail(
  project: Project,
  refused: readonly Refused[],
  context: Context,
): Promise<void> {
  if (refused.length === 0) return;
  const folder = ensureDirectory(project.root, ".vibeops/mesh");
  const refusals = refused.map(({ name, bytes, error }) => {
    const path = join(folder, name);
    // What a sync that was killed left there.
    rmSync(path, { force: true });
    publishNew(path, bytes);
    return { path, name, error };
  });
  const target = requireGit(project.root, context.env);
  const inHead = await readCommitted(target, [join(project.root, QUARANTINE)]);
  await allOrNothing(async (undo) => {
    const committed = inHead(join(project.root, QUARANTINE));
    const { files } = setAside(project, refusals, { now: context.now(), committed }, undo);
    await commitFiles(target, files, `Mail: ${refused.length} set aside`, context);
  });
}
