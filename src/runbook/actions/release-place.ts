import * as z from "zod";
import { quoteCommand, quoteWord } from "../quote.ts";
import { defineAction } from "./action.ts";
import { FORGET_FUNCTION, KEEP_FUNCTION, keptPath, PUT_BACK_FUNCTION } from "./kept-files.ts";
import { absolutePath, argument } from "./parameters.ts";

const schema = z.strictObject({
  source: argument
    .min(1)
    .refine((path) => !path.startsWith("-"), { error: "a path that does not begin with a dash" })
    .describe("the service's repository on this machine: absolute, or relative to the project"),
  commit: z
    .string()
    .regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, { error: "a full commit id" })
    .describe("what is released; the full id, since a branch or a tag can move"),
  directory: absolutePath.describe("the service's folder on the host"),
  version: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$/, { error: "a version such as 1.2.0" }),
  keep: absolutePath.optional().describe("`.vibeops` in the directory unless told"),
});

type Parameters = z.output<typeof schema>;

/**
 * Puts a commit of a local repository into `<directory>/releases/<version>` and points `current` to it, in one
 * move. For hosts with transport `local` and runtime `process`: the repository must be reachable from there.
 */
export const releasePlace = defineAction<Parameters>({
  name: "release.place",
  summary: "Puts a commit of a repository on this machine into a release folder and points `current` to it.",
  version: 1,
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
    const kept = keptPath(params.keep ?? `${params.directory}/.vibeops`, source.runbook, current);
    const release = `${params.directory}/releases/${params.version}`;
    return {
      run: {
        script: `${KEEP_FUNCTION}${POINT_FUNCTION}
${quoteCommand(["keep", current, kept])}
release=${quoteWord(release)}
if [ "$(cat "$release.commit" 2>/dev/null)" != ${params.commit} ]; then
  if [ -e "$release" ]; then echo "$release holds another commit" >&2; exit 1; fi
  rm -rf "$release.new"
  mkdir -p "$release.new"
  git -C ${repository(params.source)} archive --format=tar --output="$release.tar" ${params.commit}
  tar -x -f "$release.tar" -C "$release.new"
  rm -f "$release.tar"
  mv "$release.new" "$release"
  echo ${params.commit} >"$release.commit"
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

/** A relative path counts from the project, whose place the engine hands to a step of a `local` host. */
function repository(path: string): string {
  return path.startsWith("/") ? quoteWord(path) : `"$VIBEOPS_PROJECT"/${quoteWord(path)}`;
}

/** Arguments: link, target. GNU and busybox replace a link to a folder with -T, BSD and macOS with -h. */
const POINT_FUNCTION = `point() {
  rm -f "$1.vibeops-new"
  ln -s "$2" "$1.vibeops-new"
  mv -fT "$1.vibeops-new" "$1" 2>/dev/null && return 0
  mv -fh "$1.vibeops-new" "$1" 2>/dev/null && return 0
  rm -f "$1"
  mv "$1.vibeops-new" "$1"
}
`;
