import { imageTag, officialImageName } from "./image.ts";

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
    // Not by its socket: the server that sets up an empty folder answers there, and ends afterwards.
    health: ["pg_isready", "--quiet", "--host=127.0.0.1"],
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
  const known = name !== undefined && Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined;
  if (known === undefined || name !== "postgres") return known;
  const data = postgresData(imageTag(reference));
  return data === undefined ? undefined : { ...known, data };
}

/**
 * Where the image of this tag wants the volume with its data: from 18 on one that holds a folder for each version. With
 * a volume at the other place it does not start, or keeps its data in a volume that goes with the container. Undefined
 * for a tag without a version.
 */
export function postgresData(tag: string): string | undefined {
  const [, major] = /^(\d{1,3})(?=$|[.-])/.exec(tag) ?? [];
  if (major === undefined) return undefined;
  return Number(major) >= 18 ? "/var/lib/postgresql" : "/var/lib/postgresql/data";
}
