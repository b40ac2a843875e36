import { officialImageName } from "../../../image.ts";
import { postgresData } from "../../../known-images.ts";
import { type ImageName, imageNameOf, isBuilt } from "../images.ts";
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
      const name = imageNameOf(service);
      const exact = name === null ? undefined : dataOfVersion(name);
      const data = exact ?? (name !== null && Object.hasOwn(DATA, name.base) ? DATA[name.base] : undefined);
      if (data === undefined || isBuilt(service) || isKept(service, data, exact !== undefined)) continue;
      yield {
        spot: service,
        message: `nothing keeps the data of the database '${service.name}'`,
        fix: `add volumes: [NAME:${data}], as the image's documentation says, and declare NAME`,
      };
    }
  },
};

/** PostgreSQL's image moved it in 18: a volume at the other version's place keeps nothing. */
function dataOfVersion({ path, tag }: ImageName): string | undefined {
  return officialImageName(path) === "postgres" ? postgresData(tag) : undefined;
}

/**
 * A tmpfs is a decision, too: a database for tests.
 *
 * @param isExact whether the image has a volume of its own at `data`, which lies over one that is mounted above it
 */
function isKept(service: Service, data: string, isExact: boolean): boolean {
  const mounted = readMounts(service).map(({ to }) => to);
  const scratch = service.items("tmpfs").map(({ text }) => text.split(":", 1)[0] ?? "");
  const elsewhere = service
    .entries("environment")
    .some(({ key }) => ["PGDATA", "MYSQL_DATADIR"].includes(key));
  return (
    elsewhere ||
    service.get("volumes_from") !== undefined ||
    [...mounted, ...scratch].some(
      (path) =>
        path === null || (isExact ? isAt(path, data) : path.startsWith(data) || data.startsWith(`${path}/`)),
    )
  );
}

/** Below the folder only one of a version counts: `/var/lib/postgresql/18/docker`. */
function isAt(path: string, data: string): boolean {
  const below = path.replace(/\/+$/, "");
  return (
    below === data || /^\d+(?:\/|$)/.test(below.startsWith(`${data}/`) ? below.slice(data.length + 1) : "")
  );
}
