import { basename } from "node:path";
import { type Git, gitFailed, gitPath, headCommit, tryGit } from "../platform/git.ts";
import { readObjects } from "../platform/git-objects.ts";
import { readTrail } from "../platform/git-trail.ts";
import { recordEventSchema } from "./record-event.ts";
import type { RunbookFolder } from "./runbook-folder.ts";
import type { Statement } from "./statement.ts";

/**
 * The walk that used an approval up by a record that was committed since the approval was given, be it there still or
 * not; null where there is none. On another machine, or where the state folder was set back, nothing else says so once
 * somebody has removed or replaced the record.
 *
 * @throws VibeopsError `git.failed`
 */
export async function spentInHistory(
  target: Git,
  { records }: Pick<RunbookFolder, "records">,
  { base, nonce }: Pick<Statement, "base" | "nonce">,
): Promise<string | null> {
  if (base === "none" && (await headCommit(target)) === null) return null;
  const below = gitPath(target, records);
  const range = base === "none" ? "HEAD" : `${base}..HEAD`;
  // A base that is not there is another's to tell.
  const options = ["--full-history", "--ignore-missing"];
  const args = ["--literal-pathspecs", "rev-list", ...options, range, "--", below];
  const listed = await tryGit(target, args);
  if (listed.exitCode !== 0) throw gitFailed(target, args, listed);
  const commits = listed.stdout.split("\n").filter((line) => line !== "");
  if (commits.length === 0) return null;
  const trail = [...(await readTrail(target, commits, [below]))];
  const versions = trail.flatMap(([path, changes]) => changes.map(({ after }) => ({ path, after })));
  const objects = await readObjects(
    target,
    versions.map(({ after }) => after),
  );
  const at = objects.findIndex((object) => object !== null && startsOn(object.bytes, nonce));
  const found = versions[at];
  return found === undefined ? null : basename(found.path, ".jsonl");
}

/** Whether a record begins with the start of a walk on this approval; what is no record does not. */
function startsOn(bytes: Buffer, nonce: string): boolean {
  const end = bytes.indexOf("\n");
  let line: unknown;
  try {
    line = JSON.parse(bytes.toString("utf8", 0, end === -1 ? bytes.length : end));
  } catch {
    return false;
  }
  const { data } = recordEventSchema.safeParse(line);
  return data?.event === "start" && [data.approval, ...(data.further ?? [])].includes(nonce);
}
