import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findFreePort } from "./free-port.ts";
import { type Host, startHost } from "./host.ts";
import { findProgram, missingComponents, nameWithMissing } from "./missing-components.ts";
import { Workplace } from "./workplace.ts";

const missing = [...missingComponents(), ...(findProgram("restic") === undefined ? ["restic"] : [])];

const VOLUME = "/var/lib/containers/storage/volumes/shop_data/_data";

const BACKUP = `### 1. Back up the data before the new version writes to it

\`\`\`yaml action
use: backup.create
host: web1
with: { kind: restic, repository: /srv/restic, password_file: /srv/restic.key, paths: [${VOLUME}] }
\`\`\`

`;

/** What a sysadmin adds to a prepared runbook: a first step, and the numbers after it. */
function withBackup(runbook: string): string {
  let number = 0;
  return runbook.replace("## Steps\n\n", `## Steps\n\n${BACKUP}`).replace(/^### \d+\. /gm, () => {
    number += 1;
    return `### ${number}. `;
  });
}

describe.skipIf(missing.length > 0)(nameWithMissing("the way back, on a real host", missing), () => {
  let host: Host;
  let work: Workplace;
  let port: number;

  const block = (version: string): string => `service: shop
version: ${version}
artifacts: [{ image: "localhost/shop:${version}" }]
ports: [{ container: 3000, host: ${port} }]
domains: [shop.example.com]
env: [{ name: GREETING, required: true, secret: false }]
volumes: [{ name: data, path: /data }]
data: { stateful: true, migrations: ${version === "1.2.0" ? "none" : "visits are counted by day"} }
resources: { memory: 128m, cpus: 0.5 }
health:
  path: /healthz
  command: [node, -e, "fetch('http://127.0.0.1:3000/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
owner: the person on call
source: { author: ai, tool: claude }
`;

  beforeAll(async () => {
    host = await startHost({ healthTimeScale: 0.2 });
    work = new Workplace(host);
    port = await findFreePort();
    await work.setUp(
      `hosts:\n  web1:\n    tier: live\n    host_keys: ["${host.hostKeyFingerprint}"]\n    proxy: { kind: caddy, config: ${host.caddyfile}, sites: ${host.sitesDirectory} }\nservices:\n  shop: { host: web1, path: ../shop }\n`,
      "examples/shop",
    );
    await host.provideBase("docker.io/library/node:20.19.5-bookworm-slim", "node");
    for (const version of ["1.2.0", "1.3.0"]) {
      await host.buildImage(`localhost/shop:${version}`, {
        "package.json": `{ "name": "shop", "version": "${version}", "type": "module" }`,
        "server.js": readFileSync("examples/shop/server.js", "utf8"),
        Dockerfile: readFileSync("examples/shop/Dockerfile", "utf8"),
      });
    }
    mkdirSync(host.path("/srv/shop"), { recursive: true });
    writeFileSync(host.path("/srv/shop/shop.env"), "GREETING=Good evening\n", { mode: 0o600 });
    writeFileSync(host.path("/srv/restic.key"), "a password of the test\n", { mode: 0o600 });
    const made = await host.run("restic init --quiet --repo /srv/restic --password-file /srv/restic.key");
    expect(made.exitCode, made.stderr).toBe(0);
  }, 300_000);

  afterAll(async () => {
    await host?.stop();
    work?.remove();
  }, 120_000);

  const visits = async () => (await host.run(`cat ${VOLUME}/visits.json`)).stdout.trim();
  const version = async () => (await host.get("https://shop.example.com/healthz")).body;

  test("redeploys the version before, with its configuration out of git and its data out of the backup that the record names", async () => {
    await work.carryOut(await work.prepare("1.2.0", block("1.2.0")), true);
    for (let i = 0; i < 3; i += 1) await host.get("https://shop.example.com/");
    const before = await visits();
    const compose = readFileSync(work.path("infra/deploy/shop/compose.yaml"), "utf8");

    const next = await work.prepare("1.3.0", block("1.3.0"));
    const path = work.path(`infra/runbooks/${next}/runbook.md`);
    writeFileSync(path, withBackup(readFileSync(path, "utf8")));
    await work.vibeops("infra", ["runbook", "compile", next]);
    await work.commit("infra", "Back up first");
    await work.carryOut(next, false);
    expect(await version()).toContain("1.3.0");
    for (let i = 0; i < 5; i += 1) await host.get("https://shop.example.com/");
    expect(await visits()).not.toBe(before);

    const prepared = JSON.parse(
      await work.vibeops("infra", ["prepare", "--rollback", "shop", "--yes", "--json"]),
    );
    expect(prepared.result).toMatchObject({
      from: "1.3.0",
      version: "1.2.0",
      backups: [{ runbook: next, step: 1 }],
    });
    expect(prepared.result.losses.join("\n")).toContain("1.3.0 changed the shape of the data");
    const { id } = prepared.result.runbook;
    await work.vibeops("infra", ["runbook", "lint", id]);
    await work.carryOut(id, false);

    expect(await version()).toContain("1.2.0");
    expect(await visits()).toBe(before);
    expect(readFileSync(host.path("/srv/shop/compose.yaml"), "utf8")).toBe(compose);
    // The data of 1.3.0 was kept, should somebody want it after all.
    const kept = await host.run(
      `restic snapshots --repo /srv/restic --password-file /srv/restic.key --tag vibeops-${id} --json`,
    );
    expect(JSON.parse(kept.stdout)).toHaveLength(1);
  }, 600_000);
});
