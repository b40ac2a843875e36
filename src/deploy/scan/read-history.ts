import { type Git, tryGit } from "../../platform/git.ts";
import { type Fact, fact } from "./fact.ts";

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
