import { kindOfTechnology } from "../../known-kinds.ts";
import { type Fact, fact, type Place } from "../fact.ts";
import type { Facts, FoundDependency } from "../facts.ts";

/** A package that a manifest names, and where. */
export interface NamedPackage {
  readonly name: string;
  readonly place: Place;
}

/** Client libraries, over all registries, by what they talk to. Names that mean something else elsewhere are left out. */
const DRIVERS: Readonly<Record<string, readonly string[]>> = {
  postgres: [
    ..."pg postgres pg-promise psycopg psycopg2 psycopg2-binary asyncpg pg8000 tokio-postgres postgresql".split(
      " ",
    ),
    ..."github.com/lib/pq github.com/jackc/pgx r2dbc-postgresql".split(" "),
  ],
  mysql: [
    ..."mysql mysql2 mariadb pymysql mysqlclient mysql-connector-python aiomysql mysql_async".split(" "),
    ..."github.com/go-sql-driver/mysql mysql-connector-java mysql-connector-j mariadb-java-client trilogy".split(
      " ",
    ),
  ],
  mongo:
    "mongodb mongoose pymongo motor mongoid go.mongodb.org/mongo-driver spring-boot-starter-data-mongodb mongodb-driver-sync".split(
      " ",
    ),
  redis: [
    ..."redis ioredis bull bullmq bee-queue sidekiq resque jedis lettuce-core predis/predis aioredis rq".split(
      " ",
    ),
    ..."github.com/redis/go-redis github.com/go-redis/redis github.com/gomodule/redigo deadpool-redis".split(
      " ",
    ),
    "spring-boot-starter-data-redis",
  ],
  memcached: "memcached memjs pymemcache python-memcached pylibmc dalli github.com/bradfitz/gomemcache".split(
    " ",
  ),
  rabbitmq: [
    ..."amqplib pika aio-pika bunny lapin php-amqplib/php-amqplib spring-boot-starter-amqp amqp-client".split(
      " ",
    ),
    "github.com/rabbitmq/amqp091-go",
  ],
  kafka: [
    ..."kafkajs confluent-kafka kafka-python aiokafka rdkafka ruby-kafka spring-kafka kafka-clients".split(
      " ",
    ),
    ..."github.com/ibm/sarama github.com/shopify/sarama github.com/segmentio/kafka-go".split(" "),
  ],
  nats: "nats nats-py async-nats github.com/nats-io/nats.go".split(" "),
  elasticsearch:
    "@elastic/elasticsearch elasticsearch github.com/elastic/go-elasticsearch elasticsearch-rest-client".split(
      " ",
    ),
  opensearch: "@opensearch-project/opensearch opensearch-py opensearch-ruby".split(" "),
  cassandra: "cassandra-driver github.com/gocql/gocql".split(" "),
  neo4j: "neo4j-driver neo4j github.com/neo4j/neo4j-go-driver".split(" "),
};

/** What keeps its data in a file beside the service. */
const IN_A_FILE = new Set(
  "sqlite3 better-sqlite3 sqlite github.com/mattn/go-sqlite3 modernc.org/sqlite rusqlite sqlite-jdbc aiosqlite lmdb level nedb lowdb badger github.com/dgraph-io/badger go.etcd.io/bbolt h2".split(
    " ",
  ),
);

/** Tools that change the shape of data. */
const MIGRATION_TOOLS: Readonly<Record<string, string>> = {
  prisma: "Prisma",
  knex: "Knex",
  typeorm: "TypeORM",
  "sequelize-cli": "Sequelize",
  "drizzle-kit": "Drizzle",
  "node-pg-migrate": "node-pg-migrate",
  "db-migrate": "db-migrate",
  umzug: "Umzug",
  alembic: "Alembic",
  "flask-migrate": "Flask-Migrate",
  "yoyo-migrations": "yoyo",
  "flyway-core": "Flyway",
  "liquibase-core": "Liquibase",
  "doctrine/migrations": "Doctrine",
  "doctrine/doctrine-migrations-bundle": "Doctrine",
  "robmorgan/phinx": "Phinx",
  "github.com/golang-migrate/migrate": "golang-migrate",
  "github.com/pressly/goose": "goose",
  diesel: "Diesel",
  refinery: "refinery",
};

/** Packages that bring a health route along. */
const HEALTH_ROUTES: ReadonlyMap<string, string> = new Map([
  ["spring-boot-starter-actuator", "/actuator/health"],
]);

const BY_PACKAGE = new Map(
  Object.entries(DRIVERS).flatMap(([technology, names]) => names.map((name) => [name, technology] as const)),
);

/** What a service needs beside itself, as far as its packages give it away. */
export function readPackages(packages: readonly NamedPackage[]): Partial<Facts> {
  return {
    dependency: packages.flatMap(readDriver),
    migration: packages.flatMap(({ name, place }) => {
      const key = plainName(name);
      const tool = Object.hasOwn(MIGRATION_TOOLS, key) ? MIGRATION_TOOLS[key] : undefined;
      return tool === undefined ? [] : [fact(tool, place, name)];
    }),
    healthPath: packages.flatMap(({ name, place }) => {
      const key = plainName(name);
      const path = HEALTH_ROUTES.get(key);
      return path === undefined ? [] : [fact(path, place, key)];
    }),
    remark: packages
      .filter(({ name }) => IN_A_FILE.has(plainName(name)))
      .map(({ name, place }) => fact("can keep data in a file of its own", place, name)),
  };
}

function readDriver({ name, place }: NamedPackage): Fact<FoundDependency>[] {
  const technology = BY_PACKAGE.get(plainName(name));
  if (technology === undefined) return [];
  const kind = kindOfTechnology(technology);
  return [fact({ name: technology, ...(kind === undefined ? {} : { kind }) }, place, name)];
}

/** Without Go's major version and Java's group; Python's names do not tell - from _ or case. */
function plainName(name: string): string {
  return name
    .toLowerCase()
    .replace(/\/v\d+$/, "")
    .replace(/^[\w.-]+:(?=[\w.-]+$)/, "");
}
