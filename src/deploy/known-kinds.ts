import type { DeploymentBlock } from "../memo/deployment.ts";
import { officialImageName } from "./image.ts";

type Kind = NonNullable<NonNullable<DeploymentBlock["depends_on"]>[number]["kind"]>;

/** What a technology is, by the name under which images, drivers and addresses know it. */
const KINDS: Readonly<Record<Kind, readonly string[]>> = {
  database: [
    ..."postgres postgresql postgis timescaledb timescaledb-ha pgvector mysql mysql-server mariadb percona percona-server mongo mongodb couchdb cockroach".split(
      " ",
    ),
    ..."clickhouse clickhouse-server cassandra scylla neo4j influxdb questdb mssql sqlserver oracle db2 arangodb".split(
      " ",
    ),
    ..."elasticsearch opensearch meilisearch typesense solr rethinkdb surrealdb qdrant weaviate milvus dynamodb etcd".split(
      " ",
    ),
  ],
  queue: [
    ..."rabbitmq amqp kafka redpanda nats pulsar activemq artemis mosquitto emqx zookeeper beanstalkd mqtt sqs".split(
      " ",
    ),
  ],
  cache: [
    "redis",
    "valkey",
    "keydb",
    "dragonfly",
    "memcached",
    "redis-stack",
    "redis-stack-server",
    "varnish",
  ],
  storage: ["minio", "seaweedfs", "azurite", "localstack", "s3", "gcs"],
  service: [],
};

const BY_NAME = new Map(
  Object.entries(KINDS).flatMap(([kind, names]) => names.map((name) => [name, kind as Kind] as const)),
);

/** What stands before the others and talks with the world. */
const PROXY =
  /^(?:caddy(?:-docker-proxy)?|traefik|nginx(?:-unprivileged)?|openresty|nginx-proxy(?:-manager)?|jwilder|haproxy|envoy|swag|kong|httpd|pingora|bunkerweb|cloudflared|apisix)$/;

/** Proxies of any make, and admin pages that stand beside an application and are not it. */
const BESIDE =
  /^(?:nginx|caddy|traefik|haproxy|envoy|httpd|openresty|swag|kong|bunkerweb|apisix|adminer|pgadmin4|phpmyadmin|mongo-express|redis-commander|mailhog|mailpit|maildev|watchtower|prometheus|grafana|loki|promtail|jaeger|all-in-one|certbot|nginx-proxy|acme-companion|cloudflared|autoheal|portainer|dozzle|node-exporter|cadvisor|alertmanager|otel-collector|opentelemetry-collector)/;

/** `postgres` for `docker.io/bitnami/postgresql:16`: the last part of an image's name. */
export function imageWord(reference: string): string {
  const official = officialImageName(reference);
  return official ?? /([^/:@]+)(?::[^/]*)?(?:@.*)?$/.exec(reference)?.[1] ?? "";
}

export function kindOfImage(reference: string): Kind | undefined {
  const word = imageWord(reference);
  return BY_NAME.get(word) ?? (/^cp-kafka/.test(word) ? "queue" : undefined);
}

/** Whether it keeps what services store in it, be it only for a while: nobody from outside has business there. */
export function isDatabaseImage(reference: string): boolean {
  const kind = kindOfImage(reference);
  return kind === "database" || (kind === "cache" && imageWord(reference) !== "varnish");
}

export function isProxyImage(reference: string): boolean {
  return PROXY.test(imageWord(reference));
}

export function standsBeside(reference: string): boolean {
  return BESIDE.test(imageWord(reference));
}

/** The same technology under one name, so that `pg` and `postgres:16` are told as one. */
const SAME: Readonly<Record<string, string>> = {
  postgresql: "postgres",
  postgis: "postgres",
  timescaledb: "postgres",
  pgvector: "postgres",
  cockroach: "cockroachdb",
  mongodb: "mongo",
  amqp: "rabbitmq",
  amqps: "rabbitmq",
  rediss: "redis",
  "redis-stack": "redis",
  sqlserver: "mssql",
  "clickhouse-server": "clickhouse",
};

export function technologyOf(word: string): string {
  return Object.hasOwn(SAME, word) ? (SAME[word] ?? word) : word;
}

export function kindOfTechnology(word: string): Kind | undefined {
  return BY_NAME.get(word);
}
