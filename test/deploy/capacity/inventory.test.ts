import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runIn } from "../../helpers/cli.ts";
import { testContext } from "../../helpers/context.ts";
import { temporaryDirectory } from "../../helpers/directory.ts";

const PROJECT = "project: infra\nagents:\n  sysadmin: { provider: builtin }\n";

function projectWith(files: Readonly<Record<string, string>>): string {
  const root = temporaryDirectory();
  for (const [name, text] of Object.entries({ "vibeops.yaml": PROJECT, ...files })) {
    mkdirSync(join(root, name, ".."), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

const run = (root: string, ...argv: string[]) => runIn(root, testContext(root), ["inventory", ...argv]);

async function check(files: Readonly<Record<string, string>>) {
  const { exit, stdout } = await run(projectWith(files), "check", "--json");
  const { findings } = JSON.parse(stdout).result;
  return {
    exit,
    found: findings.map(
      ({ rule, level, line }: { rule: string; level: string; line?: number }) => `${level} ${rule}:${line}`,
    ),
    text: findings.map(({ message }: { message: string }) => message).join("\n"),
  };
}

const compose = (name: string, rest: string) =>
  `name: ${name}\nservices:\n  ${name}:\n    image: ghcr.io/acme/${name}:1.0.0\n${rest}`;

test("fourteen services of 1 GB on a host of 8 GB do not fit, and each one's share is named", async () => {
  const names = Array.from({ length: 14 }, (_, at) => `s${at}`);
  const stacks = Object.fromEntries(
    names.map((name) => [`deploy/${name}/compose.yaml`, compose(name, "    mem_limit: 1g\n    cpus: 0.5\n")]),
  );
  const services = names.map((name) => `  ${name}: { host: web1 }\n`).join("");
  const { exit, found, text } = await check({
    ...stacks,
    "inventory.yaml": `hosts:\n  web1: { memory: 8g, cpus: 4 }\nservices:\n${services}`,
  });
  expect(exit).toBe(4);
  expect(found).toEqual(["error capacity.memory:2", "warning capacity.cpus:2"]);
  expect(text).toContain("may take 14 GiB of memory, and it has 8 GiB: s0 1 GiB, s1 1 GiB");
  expect(text).toContain("and 6 more");
});

test("the Caddy that a host has as a project of ours takes its share, and its ports", async () => {
  const { found, text } = await check({
    "deploy/caddy-web1/compose.yaml": compose(
      "caddy",
      '    mem_limit: 256m\n    ports: ["80:80", "443:443"]\n    volumes: ["data:/data"]\nvolumes: { data: {} }\n',
    ),
    "deploy/shop/compose.yaml": compose("shop", '    mem_limit: 900m\n    ports: ["80:3000"]\n'),
    "inventory.yaml":
      "hosts:\n  web1: { memory: 1g, proxy: { kind: caddy-compose } }\nservices:\n  shop: { host: web1 }\n",
  });
  expect(found.map((one: string) => one.replace(/:.*/, ""))).toEqual([
    "error capacity.memory",
    "error capacity.port-clash",
  ]);
  expect(text).toContain("caddy-web1 256 MiB, shop 900 MiB");
});

test("what fits, is backed up and within its price has no finding", async () => {
  const result = await check({
    "deploy/shop/compose.yaml": compose(
      "shop",
      '    mem_limit: 1g\n    cpus: 1\n    restart: unless-stopped\n    ports: ["127.0.0.1:3000:3000"]\n    volumes: ["data:/data"]\nvolumes: { data: {} }\n',
    ),
    "inventory.yaml":
      "hosts:\n  web1: { memory: 8g, cpus: 4, monthly_cost: 20, monthly_limit: 50 }\nservices:\n  shop: { host: web1, backup: restic every night, monthly_cost: 5 }\n",
  });
  expect(result).toMatchObject({ exit: 0, found: [] });
});

test("replicas count, profiles do not, and what has no limit is named", async () => {
  const { found, text } = await check({
    "deploy/shop/compose.yaml": compose(
      "shop",
      "    deploy:\n      replicas: 3\n      resources: { limits: { memory: 1G } }\n  tool:\n    image: a:1\n    profiles: [x]\n    mem_limit: 64g\n  bare:\n    image: a:1\n",
    ),
    "inventory.yaml": "hosts:\n  web1: { memory: 3200m }\nservices:\n  shop: { host: web1 }\n",
  });
  expect(found).toEqual(["warning capacity.unlimited:2", "warning capacity.memory-tight:2"]);
  expect(text).toContain("shop/bare");
  expect(text).toContain("may take 3 GiB");
});

test("ports that clash across stacks, `always`, a volume without a backup, a host that is not there and the cost are found", async () => {
  const { exit, found } = await check({
    "deploy/a/compose.yaml": compose("a", '    mem_limit: 1g\n    restart: always\n    ports: ["8080:80"]\n'),
    "deploy/b/compose.yaml": compose(
      "b",
      '    mem_limit: 1g\n    ports: ["127.0.0.1:8080:80"]\n    volumes: ["data:/d"]\nvolumes: { data: {} }\n',
    ),
    "inventory.yaml":
      "hosts:\n  web1:\n    memory: 8g\n    monthly_cost: 40\n    monthly_limit: 50\nservices:\n  a: { host: web1, monthly_cost: 20 }\n  b: { host: web1 }\n  c: { host: nowhere }\n",
  });
  expect(exit).toBe(4);
  expect(found).toEqual([
    "error capacity.unknown-host:9",
    "error capacity.cost:5",
    "error capacity.port-clash:6",
    "error capacity.restart-always:6",
    "warning capacity.no-backup:8",
  ]);
});

test("a backup step in the prepared runbook counts", async () => {
  const id = "20261120T150000Z-m2x9vaq4";
  const hash = "a".repeat(64);
  const files = {
    "deploy/b/compose.yaml": compose(
      "b",
      '    mem_limit: 1g\n    volumes: ["data:/d"]\nvolumes: { data: {} }\n',
    ),
    "deploy/b/prepared.yaml": `memo: 20261120T143211Z-7k3qfp2m\nblock: ${hash}\nversion: 1.0.0\nhost: web1\nrunbook: ${id}\nfiles: {}\n`,
    "inventory.yaml": "hosts: { web1: { memory: 8g } }\n",
  };
  expect((await check(files)).found).toEqual(["warning capacity.no-backup:1"]);
  const step = "### Back up the data\n";
  expect((await check({ ...files, [`runbooks/${id}/runbook.md`]: step })).found).toEqual([]);
});

test("show says in one screen what runs where and what it may take", async () => {
  const root = projectWith({
    "deploy/shop/compose.yaml": compose(
      "shop",
      '    mem_limit: 512m\n    cpus: 0.5\n    ports: ["127.0.0.1:3000:80"]\n    volumes: ["data:/data"]\nvolumes: { data: {} }\n',
    ),
    "inventory.yaml":
      "hosts:\n  web1: { memory: 2g, cpus: 2, address: web1.example.com }\nservices:\n  shop: { host: web1 }\n  cron: { host: web1, memory: 256m, cpus: 0.1 }\n",
  });
  const { stdout } = await run(root, "show");
  expect(stdout).toBe(
    [
      "web1  live, compose, web1.example.com",
      "  memory 768 MiB of 2 GiB (38 %)   CPUs 0.6 of 2",
      "  cron     256 MiB   0.1 CPUs",
      "  shop     512 MiB   0.5 CPUs  127.0.0.1:3000→80  keeps data (no backup)",
      "",
    ].join("\n"),
  );
  const { result } = JSON.parse((await run(root, "show", "--json")).stdout);
  expect(result.hosts[0].limits).toEqual({ memory: 768 * 1024 ** 2, cpus: 0.6 });
});

test("amounts, ports and names in inventory.yaml that cannot be what is meant are errors on their lines", async () => {
  const { exit, found, text } = await check({
    "inventory.yaml": `hosts:
  web1: { memory: 8g }
services:
  api:
    host: web1
    memory: 1x
    ports: [abc, "8080:99999", "9000-8000:80", "127.0.0.1:3000:3000"]
    depends_on: [db, dbb, api]
  db: { host: web1, memory: 1g }
`,
  });
  expect(exit).toBe(4);
  expect(found).toEqual([
    "error capacity.amount:6",
    "error capacity.port:7",
    "error capacity.port:7",
    "error capacity.port:7",
    "warning capacity.depends-on:8",
    "error capacity.depends-on:8",
  ]);
  expect(text.split("\n")).toEqual([
    'the memory of api, "1x", cannot be read',
    '"abc" under ports of api is no port',
    '"8080:99999" under ports of api is no port',
    '"9000-8000:80" under ports of api is no port',
    "api depends on 'dbb', and there is no such service",
    "api depends on itself",
  ]);
});

test("a host whose memory cannot be read is an error, and one that says none a warning", async () => {
  const { found, exit } = await check({
    "inventory.yaml":
      "hosts:\n  web1: { memory: lots }\n  web2: {}\nservices:\n  a: { host: web1, memory: 1g }\n  b: { host: web2, memory: 1g }\n",
  });
  expect({ found, exit }).toEqual({
    found: ["error capacity.amount:2", "warning capacity.host-size:3"],
    exit: 4,
  });
});

test("what is prepared is known to the services that depend on it, though no entry names it", async () => {
  const { found } = await check({
    "deploy/caddy-web1/compose.yaml": compose("caddy", "    mem_limit: 256m\n"),
    "inventory.yaml":
      "hosts:\n  web1: { memory: 8g, proxy: { kind: caddy-compose } }\nservices:\n  api: { host: web1, memory: 1g, depends_on: [caddy-web1] }\n",
  });
  expect(found).toEqual([]);
});

test("show does not call a memory that cannot be read no limit", async () => {
  const root = projectWith({
    "inventory.yaml": "hosts:\n  web1: { memory: 8g }\nservices:\n  api: { host: web1, memory: 1x }\n",
  });
  const { stdout } = await run(root, "show");
  expect(stdout).toMatch(/api +unreadable/);
});

test.each(["hosts:\n  __proto__: { tier: live }\n", "hosts:\n  web1: { __proto__: { tier: live } }\n"])(
  "a key that no record can hold is an error with its line, not nothing: %j",
  async (text) => {
    const { exit, stdout } = await run(projectWith({ "inventory.yaml": text }), "show", "--json");
    expect(exit).toBe(4);
    expect(JSON.parse(stdout).error).toMatchObject({ code: "yaml.key", line: 2, file: "inventory.yaml" });
  },
);
