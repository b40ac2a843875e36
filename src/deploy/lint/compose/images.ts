import { fillDefaults } from "../../interpolate.ts";
import type { Service } from "./service.ts";

/** Whether the image is made here: its name says nothing about where it comes from. */
export function isBuilt(service: Service): boolean {
  return service.get("build") !== undefined;
}

/** The reference with defaults filled in; null where there is none, or only a variable. */
export function imageOf(service: Service): string | null {
  const text = service.text("image");
  return text === "" ? null : fillDefaults(text);
}

export interface ImageName {
  /** The last part of its path: `postgres` of `docker.io/bitnami/postgres:16`. */
  readonly base: string;
  readonly path: string;
  readonly tag: string;
}

/** The image's name without registry and digest; null where it is not known. */
export function imageNameOf(service: Service): ImageName | null {
  const image = imageOf(service);
  if (image === null) return null;
  const [reference = ""] = image.toLowerCase().split("@", 1);
  const slash = reference.lastIndexOf("/");
  const [base = "", tag = ""] = reference.slice(slash + 1).split(":");
  return { base, path: reference.slice(0, slash + 1) + base, tag };
}

const DATABASE =
  /^(?:postgres(?:ql)?|postgis|pgvector|timescaledb(?:-ha)?|mysql(?:-server)?|mariadb|percona(?:-server.*)?|mongo(?:db)?|redis|redis-stack(?:-server)?|valkey|keydb|dragonfly|memcached|elasticsearch|opensearch|cassandra|scylla|couchdb|influxdb|clickhouse(?:-server)?|neo4j|cockroach|etcd)$/;

export function isDatabase(service: Service): boolean {
  return DATABASE.test(imageNameOf(service)?.base ?? "");
}

const PROXY =
  /^(?:caddy(?:-docker-proxy)?|traefik|nginx(?:-unprivileged)?|openresty|nginx-proxy(?:-manager)?|jwilder|haproxy|envoy|swag|kong|httpd|pingora|bunkerweb|cloudflared|apisix)$/;
const PROXY_NAME =
  /^(?:(?:reverse|edge|front)[-_]?)?(?:caddy|traefik|nginx|haproxy|envoy|proxy|gateway|ingress|lb|load-?balancer)$/i;

/** What stands before the others and talks with the world. */
export function isReverseProxy(service: Service): boolean {
  return PROXY.test(imageNameOf(service)?.base ?? "") || PROXY_NAME.test(service.name);
}

export function isCaddy(service: Service): boolean {
  return /^caddy/.test(imageNameOf(service)?.base ?? "");
}
