import { officialImageName } from "./image.ts";

/** What is known of an official image: the programs named here are in it. */
export interface KnownImage {
  /** Where it keeps its data. */
  data: string;
  /** Further places that it writes to; its root is read-only. */
  scratch: readonly string[];
  /** A command inside the image that exits 0 when it is healthy. */
  health: readonly string[];
  /** Variables that it must find in its env file. */
  env: readonly string[];
}

/** Read from the images' own documentation on Docker Hub. Whatever is not here is asked, not assumed. */
const KNOWN: Readonly<Record<string, KnownImage>> = {
  postgres: {
    data: "/var/lib/postgresql/data",
    scratch: ["/run/postgresql"],
    health: ["pg_isready", "--quiet"],
    env: ["POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB"],
  },
  mariadb: {
    data: "/var/lib/mysql",
    scratch: ["/run/mysqld"],
    health: ["healthcheck.sh", "--connect", "--innodb_initialized"],
    env: ["MARIADB_USER", "MARIADB_PASSWORD", "MARIADB_DATABASE", "MARIADB_RANDOM_ROOT_PASSWORD"],
  },
  redis: { data: "/data", scratch: [], health: ["redis-cli", "ping"], env: [] },
  valkey: { data: "/data", scratch: [], health: ["valkey-cli", "ping"], env: [] },
};

/**
 * The entry points of these images start as root, take over their data folder and change to a user of their own.
 * Without these capabilities the first start fails.
 */
export const ENTRYPOINT_CAPABILITIES: readonly string[] = [
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "SETGID",
  "SETUID",
];

export function findKnownImage(reference: string): KnownImage | undefined {
  const name = officialImageName(reference);
  return name !== undefined && Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined;
}
