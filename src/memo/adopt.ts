import { realpathSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { readRegularFile, syncDirectory } from "../platform/files.ts";
import { ensureDirectory } from "../platform/folders.ts";
import { requireGit } from "../platform/git.ts";
import { commitChanges, put, remove, requireIdentity } from "../platform/git-commit.ts";
import { idMonth, newId } from "../platform/ids.ts";
import { allOrNothing, publishUndoably } from "../platform/undo.ts";
import type { MemoType } from "../project/memo-types.ts";
import { firstRole, type Project } from "../project/project.ts";
import { decodeText } from "../text/decode.ts";
import { memoFileName } from "./file-name.ts";
import { formatMemo } from "./format-memo.ts";
import { INCOMING, SENT } from "./mailbox.ts";
import { maxMemoBytes } from "./memo.ts";
import type { Priority } from "./priority.ts";
import { requireOwnRole } from "./route.ts";
import { refuseSecretIn } from "./send.ts";

export interface AdoptRequest {
  subject?: string | undefined;
  role?: string | undefined;
  type?: MemoType | undefined;
  priority?: Priority | undefined;
}

/** The memo that a note became. */
export interface Adopted {
  id: string;
  path: string;
  commit: string;
  /** Whether the note lies where it lay: only one in the inbox is in nobody's way any more once it is a memo. */
  noteStays: boolean;
}

/**
 * Makes a memo of a note that somebody wrote by hand: id, name and front matter are added, the text stays as it
 * is. The project itself vouches for it from then on, so its copy goes into `sent` too. One commit.
 *
 * @throws VibeopsError `memo.adopted` where the note has front matter; `memo.secret`; `memo.…` where the text would be
 *   refused; what git throws. Nothing has changed then
 */
export async function adoptNote(
  project: Project,
  file: string,
  request: AdoptRequest,
  context: Context,
): Promise<Adopted> {
  const text = decodeText(readRegularFile(file, { maxBytes: maxMemoBytes }), file);
  if (/^---\r?\n/.test(text)) throw alreadyMemo(file);
  const git = requireGit(project.root, context.env);
  requireOwnRole(project, request.role);
  const id = newId(context);
  const address = { role: request.role ?? firstRole(project), project: project.name };
  const subject = request.subject ?? subjectOf(text, file);
  refuseSecretIn(text, (line) => `line ${line} of the note`, "nothing was adopted");
  refuseSecretIn(subject, () => "the subject", "nothing was adopted");
  const memo = formatMemo({
    id,
    from: address,
    to: address,
    date: context.now().toISOString(),
    priority: request.priority ?? "normal",
    type: request.type ?? "request",
    subject,
    body: text,
  });
  const bytes = Buffer.from(memo);
  const name = memoFileName(id, subject);
  await requireIdentity(git, context);
  const inbox = ensureDirectory(project.root, INCOMING);
  const path = join(inbox, name);
  const copy = join(ensureDirectory(project.root, `${SENT}/${idMonth(id)}`), name);
  // A note from elsewhere may be of use there: a README, a file in somebody's home.
  const note = join(realpathSync(dirname(file)), basename(file));
  const noteStays = dirname(note) !== realpathSync(inbox);
  const changes = [put(path, bytes), put(copy, bytes), ...(noteStays ? [] : [remove(note)])];
  const commit = await allOrNothing(async (undo) => {
    publishUndoably(copy, bytes, undo);
    publishUndoably(path, bytes, undo);
    return await commitChanges(git, changes, `Adopt a note: ${subject}`, context);
  });
  if (!noteStays) {
    // Last, so that a kill leaves the note twice rather than not at all.
    rmSync(note);
    syncDirectory(inbox);
  }
  return { id, path, commit, noteStays };
}

function alreadyMemo(file: string): VibeopsError {
  return new VibeopsError({
    code: "memo.adopted",
    exit: Exit.invalid,
    message: "this file has front matter already",
    file,
    line: 1,
    fix: "see what is wrong with it: vibeops memo lint FILE",
  });
}

/** The first heading or line of text, else the file's own name. */
function subjectOf(text: string, file: string): string {
  const line = text.split(/\r?\n/).find((candidate) => candidate.trim() !== "");
  const words = (line ?? "")
    .replace(/^[#>*\-\s]+/, "")
    .trim()
    .slice(0, 120);
  return words === "" ? basename(file).replace(/\.[a-z]+$/i, "") : words;
}
