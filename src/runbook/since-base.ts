import { basename } from "node:path";
import { type Git, gitFailed, gitPath, headCommit, tryGit } from "../platform/git.ts";
import { readObjects } from "../platform/git-objects.ts";
import { recordEventSchema } from "./record-event.ts";
import type { RunbookFolder } from "./runbook-folder.ts";
import type { Statement } from "./statement.ts";

/** A file of a commit: its path as git names it, and the object id of its bytes. */
interface Version {
  readonly path: string;
  readonly id: string;
}

/** What became of a runbook's records between the commit on which an approval was given and HEAD. */
export interface SinceBase {
  /** Whether HEAD comes from that commit. */
  readonly isInHistory: boolean;
  /** Every version of every record that a commit in between brought, be it there still or not. */
  readonly records: readonly Version[];
}

/**
 * One git tells both, and each of its settings that would have a say is given. With an approval from before the first
 * commit, all of HEAD's history is in between.
 */
export async function readSinceBase(
  target: Git,
  { records }: Pick<RunbookFolder, "records">,
  { base }: Pick<Statement, "base">,
): Promise<SinceBase> {
  const walked = ["--full-history", "--sparse", "--left-right", "--format=%m"];
  const compared = [
    "--raw",
    "--diff-merges=separate",
    "--root",
    "--no-abbrev",
    "--no-renames",
    "--no-color",
    "-O/dev/null",
    "-z",
  ];
  const range = base === "none" ? "HEAD" : `${base}...HEAD`;
  const args = ["--literal-pathspecs", "log", ...walked, ...compared, range, "--", gitPath(target, records)];
  const result = await tryGit(target, args);
  if (result.exitCode !== 0) {
    // Without a base, there was no commit when it was given; there may be none yet.
    if (base === "none" && (await headCommit(target)) !== null) throw gitFailed(target, args, result);
    return { isInHistory: base === "none", records: [] };
  }
  const fields = result.stdout.split("\0");
  return {
    isInHistory: !fields.some((field) => field.trim() === "<"),
    records: fields.flatMap((field, at) => {
      const id = /^\n?:\d+ \d+ [0-9a-f]+ ([0-9a-f]+) [A-Z]$/.exec(field)?.[1];
      return id === undefined || /^0+$/.test(id) ? [] : [{ path: fields[at + 1] ?? "", id }];
    }),
  };
}

/**
 * The walk that used an approval up by a record of these; null where none did. On another machine, or where the state
 * folder was set back, nothing else says so once somebody has removed or replaced the record.
 *
 * @throws VibeopsError `git.failed`
 */
export async function usedBy(
  target: Git,
  records: readonly Version[],
  nonce: string,
): Promise<string | null> {
  const objects = await readObjects(
    target,
    records.map(({ id }) => id),
  );
  const found = records.find((_, at) => startsOn(objects[at]?.bytes ?? Buffer.alloc(0), nonce));
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
