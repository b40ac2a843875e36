import * as z from "zod/mini";
import { quoteCommand, quoteWord } from "../../platform/quote.ts";
import { defineAction } from "./action.ts";
import { FORGET_FUNCTION, KEEP_FUNCTION, keepBeside, keptPath, PUT_BACK_FUNCTION } from "./kept-files.ts";
import { absolutePath } from "./parameters.ts";

const account = z
  .string()
  .check(z.regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}$/, { error: "the name or number of an account" }));

const schema = z.strictObject({
  path: absolutePath.check(z.describe("where the secret lies on the host")),
  mode: z
    ._default(
      z.enum(["400", "440", "600", "640"], { error: "400, 440, 600 or 640: nobody else reads a secret" }),
      "600",
    )
    .check(z.describe("permissions")),
  owner: z.optional(account).check(z.describe("who owns it; who logs in, unless told")),
  group: z.optional(account),
  keep: z
    .optional(absolutePath)
    .check(z.describe("folder on the host for the secret before; `.vibeops` beside the path unless told")),
});

type Parameters = z.output<typeof schema>;

/**
 * Puts a secret into its place without ever knowing it. A person writes the value to `<path>.vibeops-secret` in a
 * shell of their own on the host; this step then gives it owner and mode and moves it into place. So the value is
 * in no runbook, approval, record, screen or process list of ours. Where the file is not there yet the step fails,
 * says what to type, and is run again.
 */
export const secretPlace = defineAction<Parameters>({
  name: "secret.place",
  summary:
    "Puts a secret into place that a person wrote on the host; its value never passes through vibeops.",
  version: 1,
  schema,
  says: {
    check: "that the secret is there, is not empty and has its mode",
    rollback: "puts the secret before back",
    example: { path: "/srv/shop/secrets/api-key", owner: "shop" },
  },
  effect: () => ({ run: "host", rollback: "host" }),
  compile(params, source) {
    const incoming = `${params.path}.vibeops-secret`;
    const kept = keptPath(keepBeside(params.keep, params.path), source.runbook, params.path);
    return {
      run: {
        script: `umask 077
${KEEP_FUNCTION}${PLACE_FUNCTION}${quoteCommand(["mkdir", "-p", folderOf(params.path)])}
if [ ! -e ${quoteWord(`${kept}.placed`)} ] || [ -e ${quoteWord(incoming)} ]; then
  ${quoteCommand(["require_secret", incoming, `(umask 077; cat >${quoteWord(incoming)})`])}
  ${quoteCommand(["keep", params.path, kept])}
  ${quoteCommand(["place", incoming, params.path, params.mode, ownerOf(params)])}
  : >${quoteWord(`${kept}.placed`)}
fi
`,
      },
      check: {
        script: `found=$(${quoteCommand(["find", params.path, ...wantedFile(params)])})
if [ -z "$found" ]; then echo "the secret is empty, or has another owner or mode" >&2; exit 1; fi
`,
      },
      rollback: {
        script: `${PUT_BACK_FUNCTION}${FORGET_FUNCTION}
${quoteCommand(["put_back", params.path, kept])}
${quoteCommand(["forget", kept])}
${quoteCommand(["rm", "-f", incoming, `${kept}.placed`])}
`,
      },
    };
  },
});

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

function wantedFile({ mode, owner, group }: Parameters): string[] {
  const user = owner === undefined ? [] : ["-user", owner];
  const members = group === undefined ? [] : ["-group", group];
  return ["-prune", "-type", "f", "-size", "+0", "-perm", mode, ...user, ...members];
}

/** As chown takes it; empty where nothing changes hands. */
function ownerOf({ owner = "", group }: Parameters): string {
  return group === undefined ? owner : `${owner}:${group}`;
}

/**
 * `require_secret`: the file that the person wrote, and what to type where it is missing. `place`: from there, path, mode,
 * owner; the move is the last act, so nobody meets half a secret.
 */
const PLACE_FUNCTION = `require_secret() {
  if [ -f "$1" ] && [ ! -h "$1" ] && [ -s "$1" ]; then return 0; fi
  echo "The secret is not here yet. In a shell of your own on this host, type:" >&2
  printf '  %s\\n' "$2" >&2
  echo "then the secret and Ctrl-D twice (Enter would become part of it). Then run this step again." >&2
  exit 1
}
place() {
  if [ -d "$2" ]; then echo "$2 is a folder" >&2; exit 1; fi
  if [ -n "$4" ]; then chown "$4" "$1"; fi
  chmod "$3" "$1"
  mv -f "$1" "$2"
}
`;
