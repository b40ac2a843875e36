import type { Call, Judge, Rules } from "../call.ts";
import { hostOfUrl, judgeHost } from "../hosts.ts";
import { GLOB, showMarkers, UNKNOWN } from "../markers.ts";
import { parseOptions, splitNames } from "../options.ts";
import { always, each, guarded, onlyAsksAbout, uncertain } from "../rules.ts";
import { live, opaque, type Verdict, worst } from "../verdict.ts";
import { judgeStatement } from "./statements.ts";

export interface Client {
  values: string;
  /** Options that name the server. */
  hosts: string;
  /** Options whose value may be an address or the name of a database. */
  addresses?: string;
  /** Options whose value is run by the client. */
  runs?: string;
  /** Options whose value is a program. */
  programs?: string;
  /** Options that hide the server or the commands in a file. */
  files?: string;
  /** An operand may name the server. */
  operands?: "address" | "host";
  /** `-name` is one option. */
  singleDash?: true;
}

/** A client of a database: local when every word that may name a server names this machine. */
export function client(syntax: Client): Judge {
  const options = {
    values: [syntax.values, syntax.hosts, syntax.runs, syntax.files, syntax.programs, syntax.addresses]
      .filter(Boolean)
      .join(" "),
    singleDash: syntax.singleDash === true,
  };
  const judgeOption = optionJudge(syntax);
  return (call) => {
    if (call.args.length === 1 && /^(--version|--help|-V|-\?)$/.test(call.args[0] ?? "")) return null;
    const { flags, operands, uncertain: isUncertain } = parseOptions(call.args, options);
    return worst(
      isUncertain ? uncertain(call) : null,
      ...flags.map(({ name, value = "" }) => judgeOption(call, name, value)),
      ...operands.map((word) => judgeOperand(call, word, syntax.operands)),
      judgeInput(call),
    );
  };
}

function optionJudge(syntax: Client): (call: Call, name: string, value: string) => Verdict | null {
  const [hosts, files, runs, programs] = [syntax.hosts, syntax.files, syntax.runs, syntax.programs].map(
    (names) => new Set(splitNames(names)),
  );
  const addresses = new Set(splitNames(syntax.addresses));
  return (call, name, value) => {
    if (addresses.has(name)) return judgeOperand(call, value, syntax.operands);
    if (hosts?.has(name)) return judgeServer(call, value);
    if (runs?.has(name)) return judgeStatement(call, value);
    if (files?.has(name))
      return opaque(`"${call.name} ${name}" takes it from a file that the guard does not read.`, name);
    return programs?.has(name) ? opaque(`"${call.name} ${name}" runs "${showMarkers(value)}".`, name) : null;
  };
}

function judgeInput(call: Call): Verdict | null {
  if (call.stdin.kind === "text") return judgeStatement(call, call.stdin.text);
  if (call.stdin.kind !== "unknown") return null;
  return opaque(`"${call.name}" runs statements that are not known before it runs.`, call.name);
}

export function judgeServer(call: Call, text: string): Verdict | null {
  // A socket of this machine.
  if (text === "" || (/^(\/|%2f|ldapi:\/\/(\/|%2f|$))/i.test(text) && !text.includes(UNKNOWN))) return null;
  const host = hostOfUrl(text);
  const kind = host === null ? "other" : judgeHost(host, call.world.facts);
  if (kind === "loopback" || kind === "local") return null;
  return kind === "known"
    ? live(`"${call.name}" talks to "${showMarkers(text)}", a host of the inventory.`, text)
    : {
        ...opaque(
          `"${call.name}" talks to "${showMarkers(text)}", which is not known to be this machine.`,
          text,
        ),
        sends: true,
      };
}

/** `postgres://host/db`, `host=… dbname=…`, `service=prod`, or the name of a database. */
function judgeOperand(call: Call, word: string, kind: Client["operands"]): Verdict | null {
  if (/^[a-z][\w+.-]*:\/\//i.test(word)) return judgeAddress(call, word);
  const settings = [...word.matchAll(/(?:^|\s)(host|hostaddr|service)\s*=\s*'?([^\s']*)/g)];
  if (settings.length > 0)
    return worst(...settings.map(([, name = "", value = ""]) => judgeSetting(call, name, value)));
  if (kind === "host") return judgeServer(call, word);
  if (kind === "address" && (/^[\w.-]+[:/]/.test(word) || judgeHost(word, call.world.facts) === "known"))
    return judgeServer(call, word);
  return word.startsWith(UNKNOWN)
    ? opaque(`"${call.name}" is given an address that is not known.`, call.name)
    : null;
}

/** The host may stand behind the question mark too, and counts there. */
function judgeAddress(call: Call, address: string): Verdict | null {
  // Unquoted, the question mark is a pattern to the shell.
  const [place = "", query = ""] = address.replaceAll(GLOB, "?").split("?", 2);
  const settings = query.split("&").map((setting) => setting.split("=", 2));
  return worst(
    /^[\w+.-]+:\/\/\//.test(place) ? null : judgeServer(call, place),
    ...settings.map(([name = "", value = ""]) =>
      /[%\uE000]/.test(name)
        ? opaque(`What "${showMarkers(address)}" sets is not plain.`, call.name)
        : judgeSetting(call, name.toLowerCase(), value),
    ),
  );
}

function judgeSetting(call: Call, name: string, value: string): Verdict | null {
  if (name === "service")
    return live(`"${showMarkers(value)}" names a service whose host is not in sight.`, call.name);
  return /^host(addr)?$/.test(name) ? judgeServer(call, value) : null;
}

const postgres: Client = {
  values:
    "-F -p -P -R -T -U -v --field-separator --port --pset --record-separator --table-attr --username --set --variable",
  addresses: "-d --dbname",
  hosts: "-h --host",
  runs: "-c --command",
  files: "-f --file",
  programs: "-o -L --output --log-file",
};
const dump: Client = {
  values:
    "-f -F -j -n -N -p -t -T -U -Z -S -E -e -l -L -O -D -I --file --format --jobs --schema --table --username --port --role --section",
  addresses: "-d --dbname --database",
  hosts: "-h --host",
};
const mysql: Client = {
  values: "-u -P -S -D --user --port --socket --database --protocol --default-character-set --delimiter",
  hosts: "-h --host",
  runs: "-e --execute --init-command",
  programs: "--pager --tee --plugin-dir",
  files: "--defaults-file --defaults-extra-file --login-path --defaults-group-suffix",
};

const dumpsAll: Client = { ...dump, addresses: `${dump.addresses} -l` };

const dumpsFile: Judge = (call) =>
  worst(
    client(call.name === "pg_dumpall" ? dumpsAll : dump)({ ...call, stdin: { kind: "none" } }),
    guarded({ values: "-h -U -d -p", writes: "-f --file" })(call),
  );
const dumpWrites = guarded({ values: "-u -P -h -S", writes: "-r --result-file -T --tab" });
const servers = always("opaque", "is a server that other machines may reach");

const directoryClient = client({ values: "-b -D -w -y -s -f -p", hosts: "-H -h" });

/** Which server they ask by themselves stands in a file of the machine. */
const directory: Judge = (call) => {
  const isAsked = call.args.some((arg) => /^-[a-zA-Z]*[hH]/.test(arg)) || onlyAsksAbout(call.args);
  return worst(
    directoryClient(call),
    isAsked ? null : opaque(`Which server "${call.name}" asks is not in sight.`, call.name),
  );
};

export const databases: Rules = {
  psql: client(postgres),
  ...each(
    "pg_dump pg_dumpall pg_basebackup pg_isready vacuumdb reindexdb createdb dropdb createuser dropuser clusterdb pgbench",
    dumpsFile,
  ),
  pg_restore: client(dump),
  ...each("mysql mariadb", client(mysql)),
  ...each("mysqldump mysqladmin mysqlshow mysqlcheck mysqlimport mariadb-dump mariadb-admin", (call) =>
    worst(client(mysql)({ ...call, stdin: { kind: "none" } }), dumpWrites(call)),
  ),
  ...each(
    "mongodump mongorestore mongoexport mongoimport mongostat mongotop",
    client({
      values: "--port -u -p -d -c --db --collection -o --out",
      hosts: "-h --host --uri",
      files: "--config",
    }),
  ),
  ...each(
    "cqlsh rqlite usql sqlcmd bcp sqlplus isql osql",
    client({
      values: "-u -p -e -k -U -P -d -Q --user --password --port --query --database",
      hosts: "-h -H -S --host -s",
      operands: "host",
    }),
  ),
  influx: client({
    values: "-port -username -password -database -format -precision -execute --org --token",
    hosts: "-host --host -h",
    singleDash: true,
  }),
  "clickhouse-client": client({
    values: "-u -d -f --user --password --port --database --format",
    hosts: "-h --host",
    runs: "-q --query",
    files: "-C --config-file --queries-file",
  }),
  "redis-benchmark": client({ values: "-p -c -n -d -a -t -P -r --user", hosts: "-h -u" }),
  etcdctl: client({ values: "--user --cacert --cert --key", hosts: "--endpoints --discovery-srv" }),
  ...each("ldapsearch ldapadd ldapmodify ldapdelete ldapwhoami ldappasswd ldapcompare ldapmodrdn", directory),
  ...each("postgres mysqld mongod redis-server pg_ctl pg_ctlcluster initdb", servers),
  ...each(
    "flyway liquibase alembic migrate dbmate goose atlas sqitch prisma drizzle-kit knex typeorm sequelize",
    (call) =>
      onlyAsksAbout(call.args) ||
      /^(validate|format|generate|fmt|lint|heads|branches)$/.test(call.args[0] ?? "")
        ? null
        : opaque(`"${call.name}" changes a database whose host is not in sight.`, call.name),
  ),
};
