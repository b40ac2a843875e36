import * as z from "zod/mini";
import { quoteCommand } from "../../platform/quote.ts";
import {
  absolutePath,
  databaseName,
  environmentName,
  hostName,
  serviceName,
  wholeNumber,
} from "./parameters.ts";

/** How a database is reached, from the host or from inside a container. A password is never an argument. */
const connection = {
  database: databaseName,
  user: z.optional(databaseName).check(z.describe("the database's user")),
  host: z.optional(hostName).check(z.describe("the database's host; the local socket unless told")),
  port: z.optional(wholeNumber(1, 65535)),
  password_file: z
    .optional(absolutePath)
    .check(
      z.describe("a pgpass file, or for mysqldump an option file; with `compose` a path in the container"),
    ),
  compose: z
    .optional(
      z.strictObject({
        directory: absolutePath,
        service: serviceName,
        password_variable: z
          .optional(environmentName)
          .check(z.describe("variable of the container that holds the password")),
      }),
    )
    .check(z.describe("the container in which the database's programs run")),
};

export const postgresParameters = {
  kind: z.literal("pg_dump"),
  ...connection,
  format: z._default(z.enum(["custom", "plain"]), "custom"),
};

export const mysqlParameters = {
  kind: z.literal("mysqldump"),
  ...connection,
  flavour: z._default(z.enum(["mysql", "mariadb"]), "mysql").check(z.describe("whose programs are called")),
};

type Parameters<Shape extends z.core.$ZodLooseShape> = z.output<z.ZodMiniObject<Shape>>;
type Postgres = Parameters<typeof postgresParameters>;
type MySql = Parameters<typeof mysqlParameters>;
export type Database = Postgres | MySql;

/** A command that writes all of the database to standard output, in one consistent view. */
export function dumpCommand(database: Database): string {
  if (database.kind === "pg_dump") {
    // A plain dump is replayed by psql, which deletes nothing by itself.
    const clean = database.format === "plain" ? ["--clean", "--if-exists"] : [];
    return postgres(database, "pg_dump", `--format=${database.format}`, ...clean);
  }
  const whole = ["--single-transaction", "--quick", "--routines", "--events", "--no-tablespaces"];
  return mysql(database, database.flavour === "mysql" ? "mysqldump" : "mariadb-dump", ...whole);
}

/** A command that replaces what the database holds by the dump on standard input. */
export function restoreCommand(database: Database): string {
  if (database.kind === "mysqldump") return mysql(database, database.flavour);
  if (database.format === "plain") {
    const strict = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction"];
    return postgres(database, "psql", ...strict);
  }
  const replace = ["--clean", "--if-exists", "--exit-on-error", "--single-transaction"];
  return postgres(database, "pg_restore", ...replace);
}

/** A command that prints how many tables there are. */
export function countTablesCommand(database: Database): string {
  const count = "select count(*) from information_schema.tables where table_schema";
  if (database.kind === "mysqldump") {
    const query = `${count} = database()`;
    return mysql(database, database.flavour, "--batch", "--skip-column-names", `--execute=${query}`);
  }
  const query = `${count} not in ('pg_catalog', 'information_schema')`;
  return postgres(database, "psql", "--no-psqlrc", "--tuples-only", "--no-align", `--command=${query}`);
}

/** A command that succeeds when a dump on standard input is readable to its end; it needs no database. */
export function proveCommand(database: Database): string {
  if (database.kind === "mysqldump") return "tail -n 5 | grep -q '^-- Dump completed'";
  if (database.format === "plain") return "tail -n 8 | grep -q '^-- PostgreSQL database dump complete'";
  return `${quoteCommand(inContainer(database, ["pg_restore", "--list"]))} >/dev/null`;
}

function postgres(database: Postgres, program: string, ...flags: string[]): string {
  const { password_file: file } = database;
  const where = addressFlags(database, "username");
  const words = [program, "--no-password", ...flags, ...where, `--dbname=${database.database}`];
  return connect(database, words, file === undefined ? [] : [`PGPASSFILE=${file}`], "PGPASSWORD");
}

function mysql(database: MySql, program: string, ...flags: string[]): string {
  const { password_file: file } = database;
  // It counts only as the first option.
  const options = file === undefined ? [] : [`--defaults-extra-file=${file}`];
  const words = [program, ...options, ...flags, ...addressFlags(database, "user"), database.database];
  return connect(database, words, [], "MYSQL_PWD");
}

function addressFlags({ host, port, user }: Database, userFlag: string): string[] {
  return [
    ...(host === undefined ? [] : [`--host=${host}`]),
    ...(port === undefined ? [] : [`--port=${port}`]),
    ...(user === undefined ? [] : [`--${userFlag}=${user}`]),
  ];
}

function connect(database: Database, words: string[], settings: string[], variable: string): string {
  const password = database.compose?.password_variable;
  const environment = settings.length === 0 ? [] : ["env", ...settings];
  if (password === undefined) return quoteCommand(inContainer(database, [...environment, ...words]));
  // Expanded by the container's shell, so the value is in no argument.
  const script = `export ${variable}="\${${password}:?}"; exec "$@"`;
  return quoteCommand(inContainer(database, ["sh", "-c", script, "sh", ...environment, ...words]));
}

function inContainer({ compose }: Database, words: string[]): string[] {
  if (compose === undefined) return words;
  const project = ["docker", "compose", "--project-directory", compose.directory];
  return [...project, "exec", "-T", compose.service, ...words];
}
