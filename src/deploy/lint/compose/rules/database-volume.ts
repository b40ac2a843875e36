import { imageNameOf, isBuilt } from "../images.ts";
import { readMounts } from "../mounts.ts";
import { type ComposeRule, wholeServices } from "../rule.ts";
import type { Service } from "../service.ts";

/** Where the official images keep their data. */
const DATA: Readonly<Record<string, string>> = {
  postgres: "/var/lib/postgresql",
  mysql: "/var/lib/mysql",
  mariadb: "/var/lib/mysql",
  mongo: "/data/db",
  elasticsearch: "/usr/share/elasticsearch/data",
  influxdb: "/var/lib/influxdb",
  cassandra: "/var/lib/cassandra",
  couchdb: "/opt/couchdb/data",
  neo4j: "/data",
};

export const databaseVolume: ComposeRule = {
  id: "compose.database-volume",
  level: "error",
  summary: "a database keeps its data in a named volume",
  why: "The data is gone with `docker compose down -v`, or lies in a volume that nobody finds again.",
  *check(project) {
    for (const service of wholeServices(project)) {
      const base = imageNameOf(service)?.base ?? "";
      const data = Object.hasOwn(DATA, base) ? DATA[base] : undefined;
      if (data === undefined || isBuilt(service) || isKept(service, data)) continue;
      yield {
        spot: service,
        message: `nothing keeps the data of the database '${service.name}'`,
        fix: `add volumes: [NAME:${data}], as the image's documentation says, and declare NAME`,
      };
    }
  },
};

/** A tmpfs is a decision, too: a database for tests. */
function isKept(service: Service, data: string): boolean {
  const mounted = readMounts(service).map(({ to }) => to);
  const scratch = service.items("tmpfs").map(({ text }) => text.split(":", 1)[0] ?? "");
  const elsewhere = service
    .entries("environment")
    .some(({ key }) => ["PGDATA", "MYSQL_DATADIR"].includes(key));
  return (
    elsewhere ||
    service.get("volumes_from") !== undefined ||
    [...mounted, ...scratch].some(
      (path) => path === null || path.startsWith(data) || data.startsWith(`${path}/`),
    )
  );
}
