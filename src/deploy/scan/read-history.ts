import { relative, sep } from "node:path";
import { argumentsWithoutFilters, type Git, tryGit } from "../../platform/git.ts";
import { type Fact, fact } from "./fact.ts";
import type { Findings } from "./findings.ts";
import type { Scan } from "./scan.ts";

const IN_GIT = { file: "git", line: 0 };

/** The commit that is checked out, and the version that a tag on it names. */
export async function readHistory(
  git: Git | null,
): Promise<{ commit: Fact<string> | null; version: Fact<string>[] }> {
  const none = { commit: null, version: [] };
  if (git === null) return none;
  const args = ["log", "-1", "--no-show-signature", "--decorate=full", "--format=%H%x00%D"];
  const { exitCode, stdout } = await tryGit(git, args);
  const [commit = "", refs = ""] = stdout.trim().split("\0");
  if (exitCode !== 0 || !/^[0-9a-f]{40,64}$/.test(commit)) return none;
  const tags = refs
    .split(", ")
    .flatMap((ref) => /^tag: refs\/tags\/(v?\d+(?:\.\d+)+\S*)$/.exec(ref)?.[1] ?? []);
  return {
    commit: fact(commit, IN_GIT, "HEAD"),
    version: tags.map((tag) => fact(tag.replace(/^v/, ""), IN_GIT, `tag ${tag}`)),
  };
}

/** Paths below a folder that differ from the commit that is checked out, or are in none. */
export async function listChanged(git: Git | null, root: string): Promise<ReadonlySet<string>> {
  if (git === null) return new Set();
  const filters = await argumentsWithoutFilters(git);
  const form = ["--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--ignore-submodules=dirty"];
  const args = ["--no-optional-locks", "--literal-pathspecs", "status", ...form, "--", root];
  const { exitCode, stdout } = await tryGit(git, [...filters, ...args]);
  const below = relative(git.top, root).split(sep).join("/");
  const prefix = below === "" ? "" : `${below}/`;
  const paths = exitCode === 0 ? stdout.split("\0").map((entry) => entry.slice(3)) : [];
  return new Set(paths.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length)));
}

/** What was read in a file that the commit of the block does not have like this: nobody else will see it there. */
export function tellUncommitted(scan: Scan, changed: ReadonlySet<string>, findings: Findings): void {
  if (scan.block.source?.commit === undefined) return;
  for (const { file, line } of scan.evidence.filter((one) => changed.has(one.file))) {
    const message = "what was read here is not in the commit that the block names";
    const isTold = findings.list.some((one) => one.rule === "scan.uncommitted" && one.file === file);
    if (!isTold)
      findings.add("scan.uncommitted", "warning", message, { file, line }, "commit it, then scan again");
  }
}
