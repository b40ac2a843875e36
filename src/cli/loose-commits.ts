import type { LooseCommit } from "../platform/context.ts";
import { quoteAlways } from "../platform/quote.ts";
import { makeVisible } from "../text/visible.ts";
import { type Io, withContext } from "./io.ts";
import { shortPath } from "./render-error.ts";
import { styleFor } from "./style.ts";

/** What went well and still needs somebody's eye. */
export interface CliWarning {
  code: string;
  message: string;
  fix: string;
  commit: string;
}

/** The same outside, and what its commands commit while no branch is checked out: the last one of each work tree. */
export function watchLooseCommits(io: Io): { io: Io; warnings: () => CliWarning[] } {
  const loose = new Map<string, LooseCommit>();
  const onLooseCommit = (commit: LooseCommit) => void loose.set(commit.top, commit);
  return {
    io: withContext(io, { ...io.context, onLooseCommit }),
    warnings: () => [...loose.values()].map((commit) => describeLoose(commit, io.cwd)),
  };
}

function describeLoose({ id, top, inRebase }: LooseCommit, cwd: string): CliWarning {
  const isElsewhere = cwd !== top && !cwd.startsWith(`${top}/`);
  const where = isElsewhere ? ` in ${shortPath(top, cwd)}` : "";
  const commit = id.slice(0, 12);
  const branch = `git${isElsewhere ? ` -C ${quoteAlways(shortPath(top, cwd))}` : ""} branch NAME ${commit}`;
  const message = inRebase
    ? `a rebase goes on${where}: commit ${commit} is lost if it is given up`
    : `no branch is checked out${where}: commit ${commit} is lost with the next checkout`;
  return { code: "git.detached", message, fix: `keep it: ${branch}`, commit: id };
}

/** A line each. */
export function renderWarnings(warnings: readonly CliWarning[], io: Io): string {
  const style = styleFor(io);
  return warnings
    .map(({ message, fix }) => `${style.yellow("warning:")} ${makeVisible(`${message}; ${fix}`)}\n`)
    .join("");
}
