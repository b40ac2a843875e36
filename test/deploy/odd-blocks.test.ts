import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { writeEnvCheck } from "../../src/deploy/env-check.ts";
import { findKnownImage } from "../../src/deploy/known-images.ts";
import { readManifest } from "../../src/deploy/manifest.ts";
import { planPreparation } from "../../src/deploy/prepare.ts";
import { temporaryDirectory } from "../helpers/directory.ts";
import { findTemplate, fixtureInput, inputFor } from "./fixture.ts";

const CADDY = "hosts: { web1: { proxy: { kind: caddy } } }\n";
const OWN_CADDY = "hosts: { web1: { proxy: { kind: caddy-compose } } }\n";
const LABELS = "hosts: { web1: { proxy: { kind: traefik, network: edge } } }\n";

const blockWith = (rest: string) =>
  `service: shop\nversion: 1.2.0\nartifacts: [{ image: "ghcr.io/acme/shop:1.2.0" }]\n${rest}`;
const planOf = (rest: string, inventory = CADDY) => planPreparation(inputFor(blockWith(rest), inventory));

function contentOf(plan: ReturnType<typeof planOf>, ending: string): string {
  return plan.files.find(({ path }) => path.endsWith(ending))?.content ?? "";
}

const composeOf = (plan: ReturnType<typeof planOf>) => parse(contentOf(plan, "/shop/compose.yaml"));
const idsOf = (plan: ReturnType<typeof planOf>) => plan.questions.map(({ id }) => id);

describe("a block that names something twice", () => {
  test.each([
    ["domains: [a.example.com, a.example.com]", /domains\[1\] must not name a\.example\.com a second time/],
    ["env: [A, B, { name: A }]", /env\[2\] must not name A a second time/],
    ["ports: [3000, { container: 3000, host: 80 }]", /ports\[1\] must not name 3000\/tcp a second time/],
    ["depends_on: [db, { name: db, image: postgres:16.4 }]", /depends_on\[1\] must not name db/],
    ['volumes: ["a:/data", "b:/data/"]', /volumes\[1\] must not name \/data a second time/],
  ])("%s is refused with its place", (rest, message) => {
    expect(() => planOf(`${rest}\n`)).toThrowError(message);
  });

  test.each([
    ["depends_on: [{ name: shop, image: postgres:16.4 }]", /names the service itself, shop/],
    ['volumes: ["data:/a", "shop_data:/b"]', /data and shop_data would both be shop_data on the host/],
    [
      'volumes: ["db-data:/a"]\ndepends_on: [{ name: db, image: postgres:16.4 }]',
      /db-data and the data of db would both be shop_db-data/,
    ],
  ])("%s would share a name on the host: it is refused", (rest, message) => {
    expect(() => planOf(`${rest}\n`)).toThrowError(message);
  });

  test("may see one volume in two places: it is declared once", () => {
    const compose = composeOf(planOf('volumes: ["data:/a", "data:/b"]\n'));
    expect(compose.services.shop.volumes).toEqual(["data:/a", "data:/b"]);
    expect(compose.volumes).toEqual({ data: { name: "shop_data" } });
  });
});

describe("a service that would take the place of the host's own Caddy is refused", () => {
  const named = (service: string, inventory: string) => () =>
    planPreparation(inputFor(`service: ${service}\nversion: 1.2.0\n`, inventory));

  test.each([
    ["caddy", OWN_CADDY],
    ["caddy", "hosts: { web1: { proxy: { kind: caddy-compose, directory: /srv/proxy } } }\n"],
    ["caddy-web1", OWN_CADDY],
    ["edge", "hosts: { web1: { proxy: { kind: caddy-compose, directory: /srv/edge/ } } }\n"],
  ])("%s on %s", (service, inventory) => {
    expect(named(service, inventory)).toThrowError(/would take the place of the Caddy of web1/);
  });

  test("and any name will do where Caddy is none of ours", () => {
    expect(named("caddy", CADDY)).not.toThrow();
  });
});

describe("a volume", () => {
  test("of one letter is no drive of Windows", () => {
    const compose = composeOf(planOf('volumes: ["d:/var/lib/shop"]\n'));
    expect(compose.services.shop.volumes).toEqual([{ type: "volume", source: "d", target: "/var/lib/shop" }]);
  });

  test("at /tmp takes the place of the scratch space there", () => {
    expect(composeOf(planOf('volumes: ["cache:/tmp"]\n')).services.shop.tmpfs).toBeUndefined();
  });
});

describe("on a host whose proxy shares a network with services", () => {
  const INTERNAL = "ports: [3000]\ndomains: []\nhealth: { path: /healthz }\nverify: [/healthz]\n";

  test.each([OWN_CADDY, LABELS])(
    "one without a name stays out of it, and is asked on the host",
    (inventory) => {
      const plan = planOf(INTERNAL, inventory);
      const compose = composeOf(plan);
      expect(compose.networks).toBeUndefined();
      expect(compose.services.shop.ports).toEqual(["127.0.0.1:3000:3000"]);
      expect(contentOf(plan, "runbook.md")).toMatch(/^### \d\. Ask it on the loopback address$/m);
      expect(idsOf(plan)).toContain("port-host");
    },
  );

  test("nothing is asked on a port that is not published", () => {
    const plan = planOf(INTERNAL.replace("[]", '["*.example.com"]'), OWN_CADDY);
    expect(contentOf(plan, "runbook.md")).not.toMatch(/^curl .*127\.0\.0\.1:3000/m);
    expect(idsOf(plan)).toContain("verify-unusable");
    expect(contentOf(plan, "prepared.yaml")).not.toContain("port:");
  });
});

test("a port that something else has, and ports that nothing leads to, are asked", () => {
  const block = blockWith('ports: ["8080:3000", 9000, { container: 53, protocol: udp }]\n');
  const { questions } = planPreparation({ ...inputFor(block, CADDY), taken: [8080] });
  expect(questions[0]).toMatchObject({ id: "port-taken", blocking: true });
  expect(questions.find(({ id }) => id === "port-others")?.question).toContain("`9000/tcp` and `53/udp`");
  expect(idsOf(planOf("ports: [3000]\n"))).not.toContain("port-others");
});

test("a host that the service did not run on before is a question, also when it is prepared once more", () => {
  const input = inputFor(blockWith("ports: [3000]\n"), CADDY);
  const earlier = { memo: "20261119T100000Z-7k3qfp2m", block: "a".repeat(64), version: "1.1.0", files: {} };
  const first = planPreparation({ ...input, earlier: { ...earlier, host: "web0" } });
  expect(first.questions.find(({ id }) => id === "host-moved")?.question).toContain("prepared for web0");
  const files = new Map(first.files.map(({ path, content }) => [path, Buffer.from(content)]));
  const manifest = readManifest(contentOf(first, "prepared.yaml"), "prepared.yaml");
  expect(planPreparation({ ...input, earlier: manifest, files }).changed).toBe(false);
  expect(idsOf(planPreparation({ ...input, earlier: { ...earlier, host: "web1" } }))).not.toContain(
    "host-moved",
  );
});

test("a long name makes no variable that nginx has no room for", () => {
  const block = blockWith("ports: [3000]\ndomains: [shop.example.com]\n").replace("shop", "s".repeat(63));
  const plan = planPreparation(inputFor(block, "hosts: { web1: { proxy: { kind: nginx } } }\n"));
  const [, name = ""] = /^map \S+ \$(\S+) \{/m.exec(contentOf(plan, ".conf")) ?? [];
  expect(name).toMatch(/^connection_of_s{15}_[0-9a-f]{8}$/);
});

describe("limits that no engine takes", () => {
  test.each(["0m", "100k", "5.9m", "0.001g"])("%s of memory is refused", (memory) => {
    expect(() => planOf(`resources: { memory: ${memory} }\n`)).toThrowError(/must be at least 6m/);
  });

  test("more CPUs than the host has are a question", () => {
    const plan = planOf("resources: { cpus: 4 }\n", "hosts: { web1: { cpus: 2 } }\n");
    expect(plan.questions[0]).toMatchObject({ blocking: true });
    expect(idsOf(plan)).toContain("cpus-host");
    expect(idsOf(planOf("resources: { cpus: 2 }\n", "hosts: { web1: { cpus: 2 } }\n"))).not.toContain(
      "cpus-host",
    );
  });
});

describe("PostgreSQL", () => {
  test.each([
    ["postgres:16.4", "/var/lib/postgresql/data"],
    ["postgres:9.6-alpine", "/var/lib/postgresql/data"],
    ["postgres:18", "/var/lib/postgresql"],
    ["docker.io/library/postgres:18.1-alpine", "/var/lib/postgresql"],
    ["postgres:alpine3.22", undefined],
    [`postgres@sha256:${"a".repeat(64)}`, undefined],
  ])("%s keeps its data at %s", (reference, data) => {
    expect(findKnownImage(reference)?.data).toBe(data);
  });
});

describe("a backup command of the memo", () => {
  const scriptOf = (command: string) => {
    const plan = planOf(`volumes: ["data:/data"]\ndata: { backup: ${JSON.stringify(command)} }\n`);
    return /# From the memo[^\n]*\n([\s\S]*?)# From vibeops again/.exec(contentOf(plan, "runbook.md"))?.[1];
  };

  test("fails where any part of a pipe does", () => {
    const file = join(temporaryDirectory(), "it's.gz");
    const script = scriptOf(`cat /does/not/exist | gzip > "${file}"`);
    expect(spawnSync("sh", ["-eu", "-c", script ?? ""]).status).not.toBe(0);
    const good = spawnSync("sh", ["-eu", "-c", scriptOf(`echo hello | gzip > "${file}"`) ?? ""]);
    expect({ status: good.status, made: existsSync(file) }).toEqual({ status: 0, made: true });
  });

  test("stands as it was written where there is no pipe", () => {
    expect(scriptOf("tar -cf /x.tar /srv || exit 1")).toBe("tar -cf /x.tar /srv || exit 1\n");
  });
});

describe("the check of variables", () => {
  const check = (line: string) => {
    const file = join(temporaryDirectory(), "shop.env");
    writeFileSync(file, `OTHER=1\n${line}\n`);
    chmodSync(file, 0o600);
    const place = { container: "shop", name: "shop.env", path: file, example: "", variables: [] };
    const script = writeEnvCheck([{ ...place, required: ["TOKEN"] }], findTemplate);
    return spawnSync("sh", ["-eu", "-c", script]).status;
  };

  test.each(["TOKEN=a", "TOKEN='a b'", "TOKEN=#a", `TOKEN="'a"`, "TOKEN=a # yes", "TOKEN=''a"])(
    "takes %s for a value",
    (line) => expect(check(line)).toBe(0),
  );

  test.each(["TOKEN=", "TOKEN= ", 'TOKEN=""', "TOKEN=''", "TOKEN= # none", 'TOKEN="" # none', "#TOKEN=a"])(
    "takes %s for none",
    (line) => expect(check(line)).toBe(1),
  );
});

test("the files of a repository in a larger one are packed from its top", () => {
  const input = fixtureInput("static-caddy");
  const { staticFiles } = input;
  if (staticFiles === null) throw new Error("it has files");
  const plan = planPreparation({
    ...input,
    staticFiles: { ...staticFiles, committed: true, below: "packages/web" },
  });
  expect(contentOf(plan, "runbook.md")).toContain(
    `git -C ../shop/../.. archive --format=tar ${input.commit}:packages/web/${staticFiles.folder} `,
  );
});
