import { join } from "node:path";
import { expect, test } from "vitest";
import { BLOCK, send } from "../agent/model-workspace.ts";
import { runIn } from "../helpers/cli.ts";
import { shopAndInfra, workspace } from "../helpers/workspace.ts";

const CONFIG = "project: infra\nagents: { sysadmin: { provider: builtin } }\n";
const INVENTORY = [
  "hosts:",
  "  web1: { tier: live }",
  "  db1: { tier: staging }",
  "services:",
  "  db: { host: db1, owner: Dora, volumes: [data], backup: every night, depends_on: [] }",
  "  api: { host: web1, owner: Alan, ports: ['127.0.0.1:8080:80'], depends_on: [db] }",
  "  web: { host: web1, depends_on: [api] }",
  "  blog: { host: web1, depends_on: [mailer] }",
  "  site: { host: web1, path: site }",
  "",
].join("\n");

function make(inventory = INVENTORY) {
  const infra = workspace().project("infra", CONFIG);
  infra.write("inventory.yaml", inventory);
  infra.write(
    "deploy/api/compose.yaml",
    "services:\n  api:\n    image: a:1\n    ports: ['127.0.0.1:9000:80']\n",
  );
  infra.write("site/index.html", "<p>\n");
  infra.git("add", ".");
  infra.git("commit", "--quiet", "-m", "Inventory");
  return infra;
}

interface Reached {
  service: string;
  touched: string[];
  via: { service: string; from: string } | null;
  host: { value: string; from: string } | null;
  unknown: string[];
  runbooks: { title: string; because: string }[];
  memos: { title: string; because: string }[];
  [key: string]: unknown;
}

async function ask(infra: ReturnType<typeof make>, ...args: string[]) {
  const { exit, stdout } = await infra.vibeops("impact", ...args, "--json");
  const { result } = JSON.parse(stdout) as {
    result: { services: Reached[]; untraced: string[]; unknown: string[] };
  };
  return { exit, ...result, names: result?.services?.map(({ service }) => service) };
}

test("what depends on a service is reached through others, each with the place where the edge stands", async () => {
  const { services, names, exit } = await ask(make(), "db");
  expect(exit).toBe(0);
  expect(names).toEqual(["db", "api", "web"]);
  expect(services.map(({ via }) => via)).toEqual([
    null,
    { service: "db", from: "inventory.yaml:6" },
    { service: "api", from: "inventory.yaml:7" },
  ]);
  expect(services[1]?.host).toEqual({ value: "web1", from: "inventory.yaml:6" });
});

test("services that depend on each other are each named once", async () => {
  const circle =
    "hosts: { h: {} }\nservices:\n  a: { host: h, depends_on: [b] }\n  b: { host: h, depends_on: [c] }\n  c: { host: h, depends_on: [a, c] }\n";
  expect((await ask(make(circle), "a")).names).toEqual(["a", "c", "b"]);
});

test("a service with the name of something that every object has is a service like others", async () => {
  const odd =
    "hosts: { h: {} }\nservices:\n  constructor: { host: h }\n  a: { host: h, depends_on: [constructor] }\n";
  const infra = make(odd);
  expect((await ask(infra, "constructor")).names).toEqual(["constructor", "a"]);
  infra.write("inventory.yaml", odd.replace("constructor: {", "constructor: { owner: Eve,"));
  expect((await ask(infra)).names).toEqual(["constructor", "a"]);
});

test("what no file says is unknown, and nothing is put in its place", async () => {
  const { services } = await ask(make(), "web", "db", "mailer");
  const [web, db, mailer] = services;
  const blog = services.find(({ service }) => service === "blog");
  expect(web).toMatchObject({ owner: null, domains: null, ports: null, data: null });
  expect(web?.unknown).toEqual([
    "who owns it",
    "its domains",
    "its ports",
    "its volumes",
    "whether it keeps data",
  ]);
  expect(db).toMatchObject({
    owner: { value: "Dora", from: "inventory.yaml:5" },
    volumes: [{ value: "data", from: "inventory.yaml:5" }],
    data: [{ value: "backup: every night", from: "inventory.yaml:5" }],
    dependsOn: [],
  });
  expect(mailer).toMatchObject({ service: "mailer", host: null });
  expect(blog).toMatchObject({ via: { service: "mailer" } });
  expect(blog?.unknown).toContain("what mailer is, that it depends on (inventory.yaml:8)");
});

test("a change is traced to services by their prepared files, their source and their inventory entries", async () => {
  const infra = make();
  infra.git("tag", "before");
  infra.write("deploy/api/compose.yaml", "services:\n  api: { image: 'a:2' }\n");
  infra.write("site/new file.html", "<p>\n");
  infra.write("Makefile", "all:\n");
  infra.write("STATE.md", "# State\n");
  infra.write("inventory.yaml", INVENTORY.replace("db1: { tier: staging }", "db1: { tier: live }"));
  infra.git("add", "deploy", "inventory.yaml");
  infra.git("commit", "--quiet", "-m", "Change");
  const { services, untraced } = await ask(infra, "--since", "before");
  expect(Object.fromEntries(services.map(({ service, touched }) => [service, touched]))).toEqual({
    api: ["deploy/api/compose.yaml"],
    site: ["site/new file.html"],
    db: ["inventory.yaml: the entry of its host db1 changed"],
    web: [],
  });
  expect(untraced).toEqual(["Makefile"]);
  expect((await ask(infra)).names, "only what is not committed").toEqual(["site"]);
});

test("a service that was taken out of the inventory is touched, and so is what still depends on it", async () => {
  const infra = make();
  infra.write("inventory.yaml", INVENTORY.replace(/ {2}db: .*\n/, ""));
  const { services } = await ask(infra);
  expect(services[0]).toMatchObject({
    service: "db",
    touched: ["inventory.yaml: it was taken out"],
    host: null,
  });
  expect(services.map(({ service }) => service)).toEqual(["db", "api", "web"]);
});

test("an inventory that could not be read before makes what changed in it unknown", async () => {
  const infra = make("hosts: [\n");
  infra.write("inventory.yaml", INVENTORY);
  const { unknown } = await ask(infra);
  expect(unknown).toContain("inventory.yaml as it was cannot be read: any service may be touched");
});

test("in a project that is a folder of a larger repository, paths count from the project, and the rest is not its own", async () => {
  const space = workspace();
  const outer = space.project("outer", CONFIG);
  outer.write("node/vibeops.yaml", "project: node\nagents: { sysadmin: { provider: builtin } }\n");
  outer.write("node/inventory.yaml", "hosts: { h: {} }\nservices: { x: { host: h }, y: { host: h } }\n");
  outer.git("add", ".");
  outer.git("commit", "--quiet", "-m", "Node");
  outer.write("node/deploy/x/compose.yaml", "services: {}\n");
  outer.write(
    "node/inventory.yaml",
    "hosts: { h: {} }\nservices: { x: { host: h }, y: { host: h, owner: Eve } }\n",
  );
  outer.write("deploy/z/compose.yaml", "services: {}\n");
  const { stdout } = await runIn(join(outer.root, "node"), space.context, ["impact", "--json"]);
  const { services, untraced } = JSON.parse(stdout).result;
  expect(services).toMatchObject([
    { service: "x", touched: ["deploy/x/compose.yaml"] },
    { service: "y", touched: ["inventory.yaml: its entry changed"] },
  ]);
  expect(untraced).toEqual([]);
});

test("a block says domains and dependencies, and the memo and runbook that are open are named with the reason", async () => {
  const { shop, infra } = shopAndInfra();
  infra.write("inventory.yaml", "hosts: { web1: {} }\nservices: { shop: { host: web1, path: ../shop } }\n");
  infra.git("add", ".");
  infra.git("commit", "--quiet", "-m", "Inventory");
  const block = BLOCK.replace(
    "ports: [3000]",
    "ports: [3000]\ndomains: [shop.example.com]\nowner: Sam\ndepends_on: [{ name: postgres, image: 'postgres:16' }]\ndata: { stateful: true }",
  );
  const id = await send(shop, "Deploy shop 1.2.0", block, "deployment");
  await infra.vibeops("prepare", id);
  const { services, unknown } = await ask(infra, "--since", "HEAD~1");
  const [one] = services;
  expect(one).toMatchObject({
    service: "shop",
    version: { value: "1.2.0", from: "deploy/shop/prepared.yaml" },
    owner: { value: "Sam", from: expect.stringMatching(/^memos\/incoming\/.*\.md:\d+$/) },
    domains: [{ value: "shop.example.com" }],
    data: [{ value: "keeps data" }],
    memos: [{ title: "Deploy shop 1.2.0", because: "it was prepared from it" }],
    runbooks: [{ because: "it was prepared for it" }],
  });
  expect(one?.unknown).toContainEqual(expect.stringMatching(/^what postgres is, that it depends on/));
  expect(unknown).toContainEqual(
    expect.stringContaining("whether the source of shop changed: it lies in ../shop"),
  );
  expect((await ask(infra, "postgres")).names).toEqual(["postgres", "shop"]);
});

test("a service or a commit that nobody knows is not found, and two questions at once are refused", async () => {
  const infra = make();
  const missing = await infra.vibeops("impact", "weeb", "--json");
  expect(missing.exit).toBe(3);
  expect(JSON.parse(missing.stdout).error).toMatchObject({
    code: "impact.service",
    fix: "did you mean web?",
  });
  expect((await infra.vibeops("impact", "--since", "v9")).exit).toBe(3);
  expect((await infra.vibeops("impact", "--since", "--output=x")).exit).not.toBe(0);
  expect((await infra.vibeops("impact", "web", "--since", "HEAD")).exit).toBe(2);
});

test("the text names the place of each fact, and shows what is hidden", async () => {
  const infra = make();
  infra.write("inventory.yaml", INVENTORY.replace("owner: Alan", 'owner: "A\\u202Elan"'));
  const { stdout } = await infra.vibeops("impact", "api");
  expect(stdout).toContain(
    "api on web1 (live)\n  touched  you named it\n  owner    A⟨U+202E⟩lan (inventory.yaml:6)\n",
  );
  expect(stdout).toContain("  port     127.0.0.1:9000:80 (deploy/api/compose.yaml)\n");
  expect(stdout).toContain("  reached  depends on api (inventory.yaml:7)\n");
});

test("the Caddy of a host stands in front of what its names lead to: they are reached when its project changes", async () => {
  const infra = make(
    `${INVENTORY.replace("web1: { tier: live }", "web1: { tier: live, proxy: { kind: caddy-compose } }")}`,
  );
  infra.write(
    "deploy/caddy-web1/compose.yaml",
    "services:\n  caddy: { image: 'caddy:2.10.2', mem_limit: 256m }\n",
  );
  const hash = "a".repeat(64);
  const manifest = (files: string) =>
    `memo: 20261120T143211Z-7k3qfp2m\nblock: ${hash}\nversion: 1.2.0\nhost: web1\nfiles: { ${files} }\n`;
  infra.write("deploy/shop/prepared.yaml", manifest(`deploy/shop/shop.caddy: ${hash}`));
  infra.write("deploy/worker/prepared.yaml", manifest(""));
  infra.git("add", ".");
  infra.git("commit", "--quiet", "-m", "Prepared");
  infra.write("deploy/caddy-web1/Caddyfile", "{\n}\n");
  const { services, names } = await ask(infra, "--since", "HEAD");
  expect(names).toEqual(["caddy-web1", "shop"]);
  expect(services[0]).toMatchObject({ host: { value: "web1", from: "inventory.yaml:2" } });
  expect(services[1]).toMatchObject({ via: { service: "caddy-web1", from: "inventory.yaml:2" } });
});

test("a service that stands in no inventory is touched with the entry of the host that it was prepared for", async () => {
  const infra = make();
  const rest = `block: ${"a".repeat(64)}\nversion: 1.2.0\nhost: db1\nfiles: {}\n`;
  infra.write("deploy/shop/prepared.yaml", `memo: 20261120T143211Z-7k3qfp2m\n${rest}`);
  infra.git("add", ".");
  infra.git("commit", "--quiet", "-m", "Prepared");
  infra.write("inventory.yaml", INVENTORY.replace("db1: { tier: staging }", "db1: { tier: live }"));
  const { services } = await ask(infra, "--since", "HEAD");
  expect(services.find(({ service }) => service === "shop")?.touched).toEqual([
    "inventory.yaml: the entry of its host db1 changed",
  ]);
});
