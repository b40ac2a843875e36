import { type Git, tryGit } from "../platform/git.ts";
import type { LastSession, RunningSession } from "./session-file.ts";

/**
 * HEAD when a session ended whose file is still there: whoever ends one may be killed between its commit and its file.
 * Null for one that runs.
 */
export async function findHandOver(
  target: Git,
  { id, head, ending }: RunningSession,
  last: LastSession | null,
): Promise<{ head: string | null } | null> {
  if (last?.id === id) return { head: last.head };
  if (ending !== true) return null;
  const grep = ["--fixed-strings", `--grep=${sessionTrailer(id)}`];
  const range = head === null ? "HEAD" : `${head}..HEAD`;
  const found = await tryGit(target, [
    "log",
    "-1",
    "--no-show-signature",
    "--format=%H",
    ...grep,
    range,
    "--",
  ]);
  const commit = found.exitCode === 0 ? found.stdout.trim() : "";
  return commit === "" ? null : { head: commit };
}

/** What the commit of a hand-over ends with. */
export function sessionTrailer(id: string): string {
  return `Vibeops-Session: ${id}`;
}
