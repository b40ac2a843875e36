import * as z from "zod/mini";
import { quoteCommand, quoteWord } from "../../platform/quote.ts";
import { defineAction } from "./action.ts";
import { FORGET_FUNCTION, KEEP_FUNCTION, keepFolder, keptPath, PUT_BACK_FUNCTION } from "./kept-files.ts";
import { absolutePath, argument, releaseVersion } from "./parameters.ts";
import { POINT_FUNCTION } from "./release-link.ts";

const schema = z.strictObject({
  source: argument.check(
    z.minLength(1),
    z.refine((path) => !path.startsWith("-"), { error: "a path that does not begin with a dash" }),
    z.describe("the service's repository on this machine: absolute, or relative to the project"),
  ),
  commit: z
    .string()
    .check(
      z.regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, { error: "a full commit id" }),
      z.describe("what is released; the full id, since a branch or a tag can move"),
    ),
  directory: absolutePath.check(z.describe("the service's folder on the host")),
  version: releaseVersion,
  keep: z.optional(absolutePath).check(z.describe("`.vibeops` in the directory unless told")),
});

type Parameters = z.output<typeof schema>;

/**
 * Puts a commit of a local repository into `<directory>/releases/<version>` and points `current` to it, in one
 * move. For hosts with transport `local` and runtime `process`: the repository must be reachable from there.
 *
 * The commit is fetched into an empty repository of the step's own, where git names every object anew by its bytes:
 * a changed object is found, and what the service's repository replaces (`git replace`) does not arrive. Its files are
 * written without any attribute, filter or line-end rule, and then compared with the commit once more, also where the
 * release stood there already. Files that lie beside those of the commit are left alone: a service writes some.
 */
export const releasePlace = defineAction<Parameters>({
  name: "release.place",
  summary: "Puts a commit of a repository on this machine into a release folder and points `current` to it.",
  version: 2,
  schema,
  says: {
    check: "that `current` points to the release",
    rollback: "points `current` to the release before",
    example: {
      source: "../shop",
      commit: "3f742083f742083f742083f742083f742083f742",
      directory: "/srv/shop",
      version: "1.2.0",
    },
  },
  effect: () => ({ run: "host", rollback: "host" }),
  compile(params, source) {
    const current = `${params.directory}/current`;
    const kept = keptPath(keepFolder(params.keep, params.directory), source.runbook, current);
    const release = `${params.directory}/releases/${params.version}`;
    return {
      run: {
        script: `${KEEP_FUNCTION}${POINT_FUNCTION}
${quoteCommand(["keep", current, kept])}
release=${quoteWord(release)}
${fetchCommit(params)}
if [ -e "$release" ] || [ -h "$release" ]; then
  if [ "$(cat "$release.commit" 2>/dev/null)" != ${params.commit} ]; then
    echo "$release holds another commit" >&2
    exit 1
  fi
else
  rm -rf "$release.new"
  mkdir -p "$release.new"
  plain_git archive --format=tar --output="$work/tar" ${params.commit}
  tar -x -f "$work/tar" -C "$release.new"
  echo ${params.commit} >"$release.commit"
  mv "$release.new" "$release"
fi
plain_git read-tree ${params.commit}
if ! plain_git --work-tree="$release" update-index --refresh >&2; then
  echo "$release is not what the commit holds" >&2
  exit 1
fi
${quoteCommand(["point", current, `releases/${params.version}`])}
`,
      },
      check: {
        script: `test "$(readlink ${quoteWord(current)})" = ${quoteWord(`releases/${params.version}`)}\n`,
      },
      rollback: {
        script: `${PUT_BACK_FUNCTION}${FORGET_FUNCTION}
${quoteCommand(["put_back", current, kept])}
${quoteCommand(["forget", kept])}
`,
      },
    };
  },
});

/** Overrides every rule by which git would write other bytes than the commit holds (gitattributes(5)). */
const NO_ATTRIBUTES = "* !export-ignore !export-subst -text !eol !filter !ident !working-tree-encoding";

/** Leaves the commit, and nothing else, in a repository that `plain_git` reads without anybody's configuration. */
function fetchCommit({ source, commit }: Parameters): string {
  const format = commit.length === 64 ? " --object-format=sha256" : "";
  return `work=$(mktemp -d "\${TMPDIR:-/tmp}/vibeops.XXXXXX")
trap 'rm -rf "$work"' EXIT
for name in $(git rev-parse --local-env-vars); do unset "$name"; done
plain_git() {
  GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_ATTR_NOSYSTEM=1 GIT_NO_REPLACE_OBJECTS=1 git --git-dir="$work/git" "$@"
}
git init --quiet --bare --template=${format} "$work/git"
mkdir "$work/git/info"
echo '${NO_ATTRIBUTES}' >"$work/git/info/attributes"
git --git-dir="$work/git" -c protocol.version=2 fetch --quiet --no-tags --no-auto-gc --no-recurse-submodules --depth=1 ${repository(source)} ${commit}`;
}

/** A relative path counts from the project, whose place the engine hands to this action on a `local` host. */
function repository(path: string): string {
  return path.startsWith("/") ? quoteWord(path) : `"$VIBEOPS_ROOT"/${quoteWord(path)}`;
}
