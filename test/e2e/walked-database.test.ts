import { mkdirSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Host } from "./host.ts";
import { missingComponents, nameWithMissing } from "./missing-components.ts";
import { onHost, SERVER_PARTS, WalkedHosts } from "./walked-host.ts";

const missing = missingComponents([...SERVER_PARTS, "postgres"]);

/** A real PostgreSQL, and beside it what migrates it; both of one image. */
const DOCKERFILE = `FROM localhost/base-postgres
COPY . /app
RUN mkdir -p /data /www && chown node /data && echo well >/www/healthz && chmod 755 /app/start.sh
USER node
ENV PGDATA=/data/db PGHOST=db PGUSER=shop PGDATABASE=shop
CMD ["/app/start.sh"]
`;

const START = `#!/bin/sh
set -e
if [ ! -e "$PGDATA/PG_VERSION" ]; then
  initdb --username=shop --auth=trust --encoding=UTF8 --locale=C
  echo "host all all all trust" >>"$PGDATA/pg_hba.conf"
  PGHOST=/tmp pg_ctl --wait --options="-c unix_socket_directories=/tmp -c listen_addresses=" start
  PGHOST=/tmp createdb shop
  PGHOST=/tmp pg_ctl --wait --mode=fast stop
fi
exec postgres -c unix_socket_directories=/tmp -c listen_addresses='*'
`;

const COMPOSE = `name: shop
services:
  db:
    image: localhost/database:1
    restart: unless-stopped
    init: true
    stop_grace_period: 2s
    environment: { PGHOST: /tmp }
    volumes: ["data:/data"]
    healthcheck: { test: [CMD, pg_isready, "--host=/tmp"], interval: 1s, retries: 30 }
  web:
    image: localhost/database:1
    restart: unless-stopped
    init: true
    stop_grace_period: 2s
    command: [busybox, httpd, -f, -p, "3000", -h, /www]
    ports: ["127.0.0.1:3000:3000"]
    depends_on: { db: { condition: service_healthy } }
volumes: { data: {} }
`;

const MIGRATION = `set -e
psql --set=ON_ERROR_STOP=1 --command="alter table orders add column paid boolean not null default false"
psql --set=ON_ERROR_STOP=1 --command="update orders set paid = true where total > 10"
`;

describe.skipIf(missing.length > 0)(
  nameWithMissing("migrate-database, walked at a terminal with a real PostgreSQL", missing),
  () => {
    let walked: WalkedHosts;
    let host: Host;

    beforeAll(async () => {
      walked = await WalkedHosts.start("web1");
      [host] = walked.hosts as [Host];
      await host.provideBase("localhost/base-postgres", "postgres");
      await host.buildImage("localhost/database:1", {
        Dockerfile: DOCKERFILE,
        "start.sh": START,
        "migrate.sh": MIGRATION,
        "spoil.sh": `${MIGRATION}psql --command="delete from orders"\nexit 1\n`,
      });
      mkdirSync(host.path("/srv/shop"));
      writeFileSync(host.path("/srv/shop/compose.yaml"), COMPOSE);
      await onHost(host, "docker compose --project-directory /srv/shop up --detach --wait");
      await query("create table orders (id serial primary key, total numeric(8, 2) not null, words text)");
      await query(
        "insert into orders (total, words) select n * 1.5, 'order ' || n from generate_series(1, 500) n",
      );
    }, 180_000);

    afterAll(async () => {
      await walked?.stop();
    }, 120_000);

    async function query(statement: string): Promise<string> {
      const psql = "exec -T db psql --no-psqlrc --tuples-only --no-align --set=ON_ERROR_STOP=1";
      return (await onHost(host, `docker compose --project-directory /srv/shop ${psql}`, statement)).trim();
    }

    const sum =
      "select count(*), sum(total), md5(string_agg(id::text || total::text || words, ',' order by id)) from orders";
    const settings = { PROOF: "select count(*) from orders where paid" };

    test("a migration that fails half-way goes back to the dump, row for row, and the service runs again", async () => {
      const before = await query(sum);
      const id = await walked.make("migrate-database", {
        ...settings,
        MIGRATION: "sh /app/spoil.sh",
        DUMP: "/srv/backups/first.dump",
      });
      const said = await walked.walk(id, {
        onFailure: Object.fromEntries([["Migrate", () => "roll-back"]]),
      });
      expect(said).toContain("Rolled back.");
      expect(await query(sum)).toBe(before);
      expect(await query("select count(*) from information_schema.columns where column_name = 'paid'")).toBe(
        "0",
      );
      expect(await onHost(host, "curl --silent --fail http://127.0.0.1:3000/healthz")).toBe("well\n");
    }, 180_000);

    test("a migration that works is proven, and everything that was there is there", async () => {
      const before = await query(sum);
      await walked.carryOut("migrate-database", {
        ...settings,
        MIGRATION: "sh /app/migrate.sh",
        DUMP: "/srv/backups/second.dump",
      });
      expect(await query(sum)).toBe(before);
      expect(await query("select count(*) from orders where paid")).toBe("494");
      expect(await query("select count(*) from pg_database where datname = 'shop_rehearsal'")).toBe("0");
    }, 180_000);
  },
);
