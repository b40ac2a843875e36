import type { Call } from "../call.ts";
import type { Flag } from "../options.ts";
import { type Verdict, worst } from "../verdict.ts";

/** They change neither a work tree nor a repository, wherever it lies; an option by which they write is judged. */
const reading =
  /^(status|diff|log|show|blame|annotate|shortlog|describe|rev-parse|rev-list|ls-tree|ls-files|ls-remote|cat-file|merge-base|name-rev|for-each-ref|show-ref|show-branch|diff-tree|diff-index|diff-files|range-diff|whatchanged|count-objects|fsck|verify-commit|verify-tag|check-ignore|check-attr|check-ref-format|var|version|help|grep|cherry|archive|patch-id|config)$/;
const listing =
  /^(list|-l|--list|-v|-vv|-a|-r|--show-current|show|get-url|status|summary|verify|list-heads)$/;

export function isReading(sub: string, args: readonly string[]): boolean {
  if (reading.test(sub)) return true;
  if (!/^(worktree|branch|tag|remote|stash|notes|submodule|reflog|bundle)$/.test(sub)) return false;
  return (args.length === 0 && sub !== "stash") || listing.test(args[0] ?? "");
}

/**
 * `-C` leads to another folder, one after another, and `--work-tree` to where files are written.
 *
 * @param world as {@link worldAt} gives it
 */
export function judgePlace(world: Call["world"], flags: readonly Flag[]): Verdict | null {
  const trees = flags.flatMap(({ name, value }) => (name === "--work-tree" ? [value ?? "."] : []));
  const isMoved = flags.some(({ name }) => name === "-C");
  return worst(...(isMoved ? ["."] : []).map(world.judgeWrite), ...trees.map(world.judgeWrite));
}

/** Where paths are taken from the folder that `-C` names. */
export function worldAt({ world }: Call, flags: readonly Flag[]): Call["world"] {
  const folders = flags.flatMap(({ name, value = "" }) => (name === "-C" && value !== "" ? [value] : []));
  if (folders.length === 0) return world;
  const at = (path: string) =>
    [...folders, path].reduce((from, next) => (/^[/~\uE000-\uE002]/.test(next) ? next : `${from}/${next}`));
  return {
    ...world,
    judgeWrite: (path) => world.judgeWrite(path === "" || path === "-" ? path : at(path)),
    judgeNamed: (word) => world.judgeNamed(at(word)),
    textsIn: (path) => world.textsIn(at(path)),
  };
}
