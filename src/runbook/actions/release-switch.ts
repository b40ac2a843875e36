import * as z from "zod/mini";
import { Exit, VibeopsError } from "../../errors.ts";
import { sha256 } from "../../platform/hash.ts";
import { quoteCommand, quoteWord } from "../../platform/quote.ts";
import { type CompileSource, defineAction } from "./action.ts";
import { FORGET_FUNCTION, KEEP_FUNCTION, keepFolder, keptPath } from "./kept-files.ts";
import { absolutePath, projectPath, releaseVersion } from "./parameters.ts";
import { POINT_FUNCTION } from "./release-link.ts";
import { SHA256_FUNCTION } from "./sha256-function.ts";

const schema = z.strictObject({
  directory: absolutePath.check(
    z.describe("the service's folder on the host; the files lie in releases/<version> there"),
  ),
  version: releaseVersion,
  list: projectPath.check(
    z.describe(
      "the files of the release as sha256sum lists them; it also stands under `files` in the front matter",
    ),
  ),
  installed: absolutePath.check(z.describe("where an earlier files.install put that list")),
  keep: z.optional(absolutePath).check(z.describe("`.vibeops` in the directory unless told")),
});

type Parameters = z.output<typeof schema>;

/**
 * Points `<directory>/current` to `releases/<version>` in one move, once that folder holds exactly the files of the
 * approved list: none more, none less, none changed, no link. However they came there, what is served is what was
 * approved. The release before stays in its folder, and the way back points to it again.
 */
export const releaseSwitch = defineAction<Parameters>({
  name: "release.switch",
  summary: "Compares a release's files with the approved list and points `current` to them in one move.",
  version: 1,
  schema,
  says: {
    check: "that `current` points to the release, and that its files are those of the list",
    rollback: "points `current` to the release before",
    example: {
      directory: "/srv/site",
      version: "1.2.0",
      list: "deploy/site/files.sha256",
      installed: "/srv/site/releases/1.2.0.sha256",
    },
  },
  effect: () => ({ run: "host", rollback: "host" }),
  compile(params, source) {
    const current = `${params.directory}/current`;
    const kept = keptPath(keepFolder(params.keep, params.directory), source.runbook, current);
    const release = `${params.directory}/releases/${params.version}`;
    const compare = `${quoteCommand(["is_sha256", params.installed, sha256(readList(params.list, source))])}
${quoteCommand(["is_release", release, params.installed])}
`;
    return {
      run: {
        script: `${KEEP_FUNCTION}${POINT_FUNCTION}${SHA256_FUNCTION}${COMPARE_FUNCTION}
${compare}chmod -R u=rwX,go=rX ${quoteWord(release)}
${quoteCommand(["chmod", "a+x", params.directory, `${params.directory}/releases`])}
${quoteCommand(["keep", current, kept])}
${quoteCommand(["point", current, `releases/${params.version}`])}
`,
      },
      check: {
        script: `${SHA256_FUNCTION}${COMPARE_FUNCTION}
${compare}test "$(readlink ${quoteWord(current)})" = ${quoteWord(`releases/${params.version}`)}
`,
      },
      rollback: {
        script: `${POINT_FUNCTION}${FORGET_FUNCTION}
if [ -h ${quoteWord(kept)} ]; then
  before=$(readlink ${quoteWord(kept)})
  point ${quoteWord(current)} "$before"
elif [ -e ${quoteWord(`${kept}.none`)} ]; then
  rm -f ${quoteWord(current)}
fi
${quoteCommand(["forget", kept])}
`,
      },
    };
  },
});

const LINE = /^[0-9a-f]{64} {2}([^\\\p{Cc}]+)$/u;

/** `sha256sum -c` passes over a line that it cannot read: the file that it names would then be any file. */
function readList(path: string, source: CompileSource): Uint8Array {
  const bytes = source.readFile(path);
  const lines = Buffer.from(bytes).toString("utf8").replace(/\n$/, "").split("\n");
  const odd = lines.findIndex((line) => {
    const parts = LINE.exec(line)?.[1]?.split("/") ?? [""];
    return parts.some((part) => part === "" || part === "." || part === "..");
  });
  if (odd === -1) return bytes;
  throw new VibeopsError({
    code: "runbook.action",
    exit: Exit.invalid,
    message: `line ${odd + 1} of ${path} is not as sha256sum writes it, so nothing would compare what it names`,
    fix: "write for each file: its sha256 in 64 lower-case digits, two spaces, its path in the release",
  });
}

/** Arguments: folder, list. */
const COMPARE_FUNCTION = `is_release() {
  if [ ! -d "$1" ] || [ -h "$1" ]; then echo "$1 is not there" >&2; return 1; fi
  odd=$(cd "$1" && find . ! -type d ! -type f | head -n 1)
  if [ -n "$odd" ]; then echo "$1/$odd is no ordinary file" >&2; return 1; fi
  there=$(cd "$1" && find . -type f | sed 's|^[.]/||' | LC_ALL=C sort)
  listed=$(sed 's/^[0-9a-f]*  //' "$2" | LC_ALL=C sort)
  if [ "$there" != "$listed" ]; then echo "$1 holds other files than the list" >&2; return 1; fi
  if command -v sha256sum >/dev/null 2>&1; then sums=$(cd "$1" && sha256sum -c "$2" 2>&1) && return 0
  else sums=$(cd "$1" && shasum -a 256 -c "$2" 2>&1) && return 0; fi
  echo "$sums" | grep -v ': OK$' | head -n 10 >&2
  return 1
}
`;
