import * as z from "zod/mini";
import { ID_PATTERN } from "../../platform/ids.ts";
import { quoteCommand, quoteWord } from "../../platform/quote.ts";
import { defineAction } from "./action.ts";
import { BACKUP_FUNCTIONS } from "./backup-file.ts";
import {
  countTablesCommand,
  type Database,
  mysqlParameters,
  postgresParameters,
  restoreCommand,
} from "./database.ts";
import { absolutePath } from "./parameters.ts";
import { readEnvironment, repositoryParameters, restic, runbookTag } from "./restic.ts";

const file = absolutePath.check(z.describe("the dump that backup.create made on this host"));

const schema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("restic"),
    ...repositoryParameters,
    snapshot: z
      .optional(z.string().check(z.regex(/^[0-9a-f]{8,64}$/, { error: "the id of a snapshot" })))
      .check(z.describe("which one; the last that `made_by` made unless told")),
    made_by: z
      .optional(z.string().check(z.regex(ID_PATTERN, { error: "the id of a runbook" })))
      .check(z.describe("the runbook whose backup.create made it; this one unless told")),
    paths: z
      .array(
        absolutePath.check(
          z.refine((path) => !/[*?[\\]/.test(path), { error: "a path without * ? [ and \\" }),
        ),
      )
      .check(
        z.minLength(1),
        z.maxLength(50),
        z.describe("what is restored: files and folders as they were backed up"),
      ),
    target: z
      .union([z.literal("/"), absolutePath])
      .check(z.describe("below which folder it is written; / puts it where it was")),
  }),
  z.strictObject({ ...postgresParameters, file }),
  z.strictObject({ ...mysqlParameters, file }),
]);

type Parameters = z.output<typeof schema>;
type Restic = Extract<Parameters, { kind: "restic" }>;
type Dump = Exclude<Parameters, Restic>;

/** Puts a backup in the place of what is there, which is then gone: always destructive. */
export const backupRestore = defineAction<Parameters>({
  name: "backup.restore",
  summary: "Destroys what is there and puts a backup in its place: folders by restic, or a database.",
  version: 2,
  schema,
  says: {
    check: "that each path is there, or that the database has tables",
    rollback: "none: what was there is overwritten; make a backup of it in a step before",
    example: { kind: "pg_dump", database: "shop", user: "shop", file: "/srv/backups/shop-1.2.0.dump" },
  },
  effect: () => ({ run: "destructive", rollback: "read" }),
  compile(params, source) {
    const noRollback = "what was there is overwritten; only a backup of it brings it back.";
    return params.kind === "restic"
      ? { ...restoreFolders(params, source.runbook), noRollback }
      : { ...restoreDatabase(params), noRollback };
  },
});

/** Argument: a path; what the snapshot holds there comes on standard input, itself first. */
const HOLDS_FUNCTION = `holds() {
  if grep -xF -e "$1" >/dev/null; then return 0; fi
  echo "the backup holds no $1" >&2
  exit 1
}
`;

function restoreFolders(params: Restic, runbook: string) {
  const tag = ["--tag", runbookTag(params.made_by ?? runbook)];
  const which = params.snapshot === undefined ? [...tag, "latest"] : [params.snapshot];
  const only = params.paths.flatMap((path) => ["--include", path]);
  const words = ["restore", "--verify", "--target", params.target, ...only, ...which];
  // restic restores nothing of a path that the snapshot lacks, and calls that a success.
  const held = params.paths.map((path) => {
    const list = restic(params, "ls", "--no-lock", ...which, path);
    return `${list} | ${quoteCommand(["holds", path])}\n`;
  });
  const root = params.target === "/" ? "" : params.target;
  return {
    run: {
      script: `${readEnvironment(params)}${HOLDS_FUNCTION}${held.join("")}${restic(params, ...words)}`,
      timeout: "1h",
    },
    check: {
      script: params.paths.map((path) => `${quoteCommand(["test", "-e", `${root}${path}`])}\n`).join(""),
    },
  };
}

function restoreDatabase(params: Dump & Database) {
  return {
    run: {
      script: `${BACKUP_FUNCTIONS}${quoteCommand(["is_whole", params.file])}
${restoreCommand(params)} <${quoteWord(params.file)}
`,
      timeout: "1h",
    },
    check: {
      script: `tables=$(${countTablesCommand(params)})
if [ "$tables" -eq 0 ]; then echo "the database has no tables" >&2; exit 1; fi
`,
    },
  };
}
