import * as z from "zod/mini";
import { quoteCommand, quoteWord } from "../../platform/quote.ts";
import { defineAction } from "./action.ts";
import { BACKUP_FUNCTIONS, KEEP_BACKUP_FUNCTION, MAY_WRITE_FUNCTION } from "./backup-file.ts";
import { type Database, dumpCommand, mysqlParameters, postgresParameters, proveCommand } from "./database.ts";
import { absolutePath, wholeNumber } from "./parameters.ts";
import { readEnvironment, repositoryParameters, restic, runbookTag } from "./restic.ts";

const file = absolutePath.check(
  z.describe("where the dump lies on the host; never one that something else made"),
);

const schema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("restic"),
    ...repositoryParameters,
    paths: z.array(absolutePath).check(z.minLength(1), z.maxLength(50), z.describe("what is backed up")),
    percent: z
      ._default(wholeNumber(1, 100), 5)
      .check(z.describe("how much of the repository's data the check reads again")),
  }),
  z.strictObject({ ...postgresParameters, file }),
  z.strictObject({ ...mysqlParameters, file }),
]);

type Parameters = z.output<typeof schema>;
type Restic = Extract<Parameters, { kind: "restic" }>;
type Dump = Exclude<Parameters, Restic>;

const noRollback = "a backup changes nothing that runs.";

/** Makes a backup and proves that it is there and can be read; backup.restore takes it back. */
export const backupCreate = defineAction<Parameters>({
  name: "backup.create",
  summary:
    "Backs up folders with restic, or a database with pg_dump or mysqldump, and reads the backup again.",
  version: 1,
  schema,
  says: {
    check: "that the backup is there and readable: snapshot and repository, or hash and end of the dump",
    rollback: "none: a backup changes nothing that runs",
    example: { kind: "pg_dump", database: "shop", user: "shop", file: "/srv/backups/shop-1.2.0.dump" },
  },
  effect: () => ({ run: "host", rollback: "read" }),
  compile(params, source) {
    return params.kind === "restic"
      ? { ...backUpFolders(params, source.runbook), noRollback }
      : { ...dumpDatabase(params, source.runbook), noRollback };
  },
});

function backUpFolders(params: Restic, runbook: string) {
  const tag = runbookTag(runbook);
  const environment = readEnvironment(params);
  const paths = params.paths.flatMap((path) => ["--path", path]);
  const list = restic(params, "snapshots", "--no-lock", "--json", "--tag", tag, ...paths);
  const latest = restic(params, "ls", "--no-lock", "--tag", tag, ...paths, "latest");
  const check = restic(params, "check", "--no-lock", `--read-data-subset=${params.percent}%`);
  return {
    run: {
      script: `${environment}${restic(params, "backup", "--tag", tag, "--", ...params.paths)}`,
      timeout: "1h",
    },
    check: {
      script: `${environment}snapshots=$(${list})
case "$snapshots" in
  *'"short_id"'*) ;;
  *) echo "there is no snapshot of this runbook" >&2; exit 1 ;;
esac
${latest} >/dev/null
${check}
`,
      timeout: "1h",
    },
  };
}

function dumpDatabase(params: Dump, runbook: string) {
  const unfinished = quoteWord(`${params.file}.vibeops-new`);
  return {
    run: {
      script: `umask 077
${BACKUP_FUNCTIONS}${MAY_WRITE_FUNCTION}${KEEP_BACKUP_FUNCTION}
${quoteCommand(["may_write", params.file, runbook])}
${quoteCommand(["mkdir", "-p", folderOf(params.file)])}
${dumpCommand(params)} >${unfinished}
test -s ${unfinished}
${prove(params, unfinished)}
${quoteCommand(["keep_backup", params.file, runbook])}
`,
      timeout: "1h",
    },
    check: {
      script: `${BACKUP_FUNCTIONS}${quoteCommand(["is_whole", params.file])}
${prove(params, quoteWord(params.file))}
`,
      timeout: "1h",
    },
  };
}

function prove(database: Database, quotedFile: string): string {
  return `{ ${proveCommand(database)}; } <${quotedFile}`;
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}
