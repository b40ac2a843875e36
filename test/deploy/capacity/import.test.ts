import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planImport } from "../../../src/deploy/capacity/import/plan-import.ts";
import { recognise } from "../../../src/deploy/capacity/import/recognise.ts";
import { VibeopsError } from "../../../src/errors.ts";
import { loadInventory } from "../../../src/project/inventory.ts";
import { loadProject } from "../../../src/project/project.ts";
import { runIn } from "../../helpers/cli.ts";
import { testContext } from "../../helpers/context.ts";
import { temporaryDirectory } from "../../helpers/directory.ts";
import fc from "../../helpers/property.ts";

const INVENTORY = `# ours
hosts:
  web1: { tier: staging }   # the small one

services:
  blog:              # by hand
    host: web1
    memory: 128m
`;

function project(inventory: string | null = INVENTORY): string {
  const root = temporaryDirectory();
  writeFileSync(join(root, "vibeops.yaml"), "project: infra\nagents:\n  sysadmin: { provider: builtin }\n");
  if (inventory !== null) writeFileSync(join(root, "inventory.yaml"), inventory);
  return root;
}

const importText = (root: string, text: string, ...argv: string[]) =>
  runIn(root, testContext(root), ["inventory", "import", ...argv], text);

const inventoryOf = (root: string) => readFileSync(join(root, "inventory.yaml"), "utf8");

const COMPOSE_LS =
  '[{"Name":"shop","Status":"running(2)","ConfigFiles":"/srv/shop/compose.yaml"},{"Name":"blog","Status":"exited(1)","ConfigFiles":"/srv/blog/compose.yaml"}]';
const DOCKER_PS = [
  '{"ID":"1","Image":"a","Names":"shop-web-1","Labels":"com.docker.compose.project=shop,x=y","Ports":"0.0.0.0:8080->80/tcp, :::8080->80/tcp, 443/tcp","Mounts":"shop_data,/srv/x"}',
  '{"ID":"2","Image":"a","Names":"shop-dns-1","Labels":"com.docker.compose.project=shop","Ports":"127.0.0.1:53->53/udp","Mounts":""}',
  '{"ID":"3","Image":"a","Names":"lonely","Labels":"","Ports":"","Mounts":""}',
].join("\n");
const PODMAN_PS =
  '[{"Id":"1","Image":"a","Names":["shop_web_1"],"Labels":{"io.podman.compose.project":"shop"},"Ports":[{"host_ip":"","container_port":80,"host_port":8080,"range":1,"protocol":"tcp"}]}]';
const COMPOSE_CONFIG = `name: shop
services:
  web:
    image: a:1
    restart: always
    environment: { DB_PASSWORD: Zk9Qw3rTy7Lp }
    deploy: { resources: { limits: { cpus: 0.5, memory: "536870912" } } }
    ports:
      - { mode: ingress, target: 80, published: "8080", protocol: tcp, host_ip: 127.0.0.1 }
    volumes:
      - { type: volume, source: data, target: /data, volume: {} }
volumes: { data: { name: shop_data } }
`;
const KUBECTL = JSON.stringify({
  apiVersion: "v1",
  kind: "List",
  items: [
    {
      kind: "Node",
      metadata: { name: "node-a" },
      status: { allocatable: { memory: "8048Mi", cpu: "3920m" } },
    },
    {
      kind: "Deployment",
      metadata: { name: "api" },
      spec: {
        replicas: 2,
        template: { spec: { containers: [{ resources: { limits: { memory: "256Mi", cpu: "250m" } } }] } },
      },
    },
    {
      kind: "StatefulSet",
      metadata: { name: "db" },
      spec: {
        template: { spec: { containers: [{}] } },
        volumeClaimTemplates: [{ metadata: { name: "data" } }],
      },
    },
    { kind: "Service", metadata: { name: "api" } },
  ],
});
const TERRAFORM = JSON.stringify({
  format_version: "1.0",
  values: {
    root_module: {
      resources: [
        {
          address: "digitalocean_droplet.web",
          mode: "managed",
          type: "digitalocean_droplet",
          name: "web",
          values: { name: "web-2", ipv4_address: "192.0.2.7", memory: 2048, vcpus: 1, size: "s-1vcpu-2gb" },
        },
        { address: "aws_s3_bucket.x", mode: "managed", type: "aws_s3_bucket", name: "x", values: {} },
      ],
      child_modules: [
        {
          resources: [
            {
              address: "module.a.hcloud_server.db",
              mode: "managed",
              type: "hcloud_server",
              name: "db",
              values: { name: "db1", ipv4_address: "192.0.2.8", server_type: "cx22" },
            },
          ],
        },
      ],
    },
  },
});

test("docker compose ls adds projects, and comments, spacing and what was there stay", async () => {
  const root = project();
  const { exit, stdout } = await importText(root, COMPOSE_LS, "--yes");
  expect(exit).toBe(0);
  expect(stdout).toContain("Added to inventory.yaml: services.shop");
  expect(inventoryOf(root)).toBe(`${INVENTORY}  shop: { host: web1 }\n`);
});

test("docker ps puts containers together by project, from lines and from podman's list", async () => {
  const root = project();
  await importText(root, DOCKER_PS, "--yes");
  expect(inventoryOf(root)).toBe(
    `${INVENTORY}  shop: { host: web1, ports: [8080:80, 127.0.0.1:53:53/udp], volumes: [shop_data] }\n  lonely: { host: web1 }\n`,
  );
  expect(recognise(PODMAN_PS, "x").services).toEqual([
    { name: "shop", ports: ["8080:80"], volumes: undefined },
  ]);
  const range = { host_ip: "", container_port: 80, host_port: 8000, range: 3, protocol: "tcp" };
  const ranges = JSON.stringify([{ Names: ["many"], Image: "a:1", Ports: [range] }]);
  expect(recognise(ranges, "x").services).toMatchObject([{ name: "many", ports: ["8000-8002:80-82"] }]);
});

test("docker compose config adds limits, ports and volumes, and no value of its environment", async () => {
  const root = project();
  const { stdout } = await importText(root, COMPOSE_CONFIG, "--yes");
  expect(inventoryOf(root)).toContain(
    "  shop: { host: web1, memory: 512m, cpus: 0.5, ports: [127.0.0.1:8080:80], volumes: [data], restart: always }\n",
  );
  expect(stdout + inventoryOf(root)).not.toContain("Zk9Qw3rTy7Lp");
  const asJson = JSON.stringify({ name: "shop", services: { web: { image: "a:1", mem_limit: "1g" } } });
  expect(recognise(asJson, "x")).toMatchObject({
    form: "docker compose config",
    services: [{ memory: "1g" }],
  });
});

test("kubectl get adds nodes as hosts and workloads as services", async () => {
  const root = project(null);
  await importText(root, KUBECTL, "--yes");
  expect(inventoryOf(root)).toBe(
    "hosts:\n  node-a: { memory: 8048m, cpus: 3.92, note: a Kubernetes node }\n\nservices:\n  api: { host: node-a, memory: 512m, cpus: 0.5 }\n  db: { host: node-a, volumes: [data] }\n",
  );
});

test("terraform show adds machines, those of modules too, and guesses no size", async () => {
  const { hosts } = recognise(TERRAFORM, "x");
  expect(hosts).toEqual([
    {
      name: "web-2",
      address: "192.0.2.7",
      memory: "2g",
      cpus: 1,
      note: "digitalocean_droplet.web, s-1vcpu-2gb",
    },
    {
      name: "db1",
      address: "192.0.2.8",
      memory: undefined,
      cpus: undefined,
      note: "module.a.hcloud_server.db, cx22",
    },
  ]);
  const root = project();
  await importText(root, TERRAFORM, "--yes");
  expect(inventoryOf(root)).toContain(
    "  web1: { tier: staging }   # the small one\n  web-2: { address: 192.0.2.7,",
  );
});

test("what a person wrote stays, a key that lacks is added, and a second import changes nothing", async () => {
  const root = project();
  const text = "name: blog\nservices:\n  blog: { image: a:1, mem_limit: 1g, cpus: 2 }\n";
  const { stdout } = await importText(root, text, "--yes");
  expect(stdout).toContain("services.blog.memory: the inventory says otherwise, and stays");
  expect(inventoryOf(root)).toBe(`${INVENTORY}    cpus: 2\n`);
  const again = JSON.parse((await importText(root, text, "--yes", "--json")).stdout).result;
  expect(again).toMatchObject({ changed: false, diff: "" });
});

test("without a yes nothing is written: exit 6 from a pipe, and --dry-run shows the difference", async () => {
  const root = project();
  const asked = await importText(root, COMPOSE_LS);
  expect(asked.exit).toBe(6);
  expect(asked.stderr).toContain("+  shop: { host: web1 }");
  expect((await importText(root, COMPOSE_LS, "--dry-run")).stdout).toContain("+  shop: { host: web1 }");
  expect(inventoryOf(root)).toBe(INVENTORY);
});

test("several hosts: which one has to be said", async () => {
  const root = project("hosts:\n  a: {}\n  b: {}\nservices: {}\n");
  expect((await importText(root, COMPOSE_LS, "--yes")).exit).toBe(2);
  expect((await importText(root, COMPOSE_LS, "--yes", "--host", "c")).exit).toBe(2);
  await importText(root, COMPOSE_LS, "--yes", "--host", "b");
  expect(inventoryOf(root)).toContain("  shop: { host: b }");
});

test("what is none of it is refused, and names from outside cannot break out of their place", async () => {
  const root = project();
  for (const text of ["", "hello", "[]", "{}", '{"a":1}', "[1,2]", "\u0000"])
    expect((await importText(root, text, "--yes")).exit).toBe(4);
  const evil = JSON.stringify([
    { Name: "x: {host: y}\n  z", ConfigFiles: "/c" },
    { Name: "Good Name", ConfigFiles: "/c" },
  ]);
  const { stdout } = await importText(root, evil, "--yes");
  expect(stdout).toContain("can be no name here");
  expect(inventoryOf(root)).toBe(`${INVENTORY}  good-name: { host: web1 }\n`);
});

test("whatever the bytes are, an import is refused or leaves an inventory that can be read", async () => {
  const root = project();
  const loaded = loadInventory(loadProject(root));
  const value = fc.letrec((tie) => ({
    node: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom("a", "0.0.0.0:1->1/tcp", "-", "../x", "1Gi", "Node", "v1", "'{[&*!"),
      fc.integer(),
      fc.constant(null),
      fc.array(tie("node"), { maxLength: 3 }),
      fc.dictionary(
        fc.constantFrom(
          "Name",
          "ConfigFiles",
          "Names",
          "Image",
          "Labels",
          "Ports",
          "Mounts",
          "apiVersion",
          "kind",
          "items",
          "metadata",
          "name",
          "spec",
          "status",
          "values",
          "root_module",
          "resources",
          "type",
          "format_version",
          "services",
        ),
        tie("node"),
        { maxKeys: 6 },
      ),
    ),
  })).node;
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    value.map((one) => JSON.stringify(one)),
    fc.array(value, { maxLength: 4 }).map((all) => all.map((one) => JSON.stringify(one)).join("\n")),
  );
  fc.assert(
    fc.property(text, (given) => {
      try {
        const plan = planImport(loaded, recognise(given, "x"), "web1");
        expect(plan.after.startsWith(INVENTORY.slice(0, 60))).toBe(true);
      } catch (error) {
        if (!(error instanceof VibeopsError)) throw error;
      }
    }),
    { numRuns: 1_500 },
  );
});
