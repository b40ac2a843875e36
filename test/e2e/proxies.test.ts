import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { type Host, startHost } from "./host.ts";
import { findProgram, missingComponents, nameWithMissing } from "./missing-components.ts";
import { onHost } from "./walked-host.ts";
import { Workplace } from "./workplace.ts";

const missing = [
  ...missingComponents(["sshd", "engine", "system", "network", "caddy"]),
  ...["nginx", "openssl"].filter((name) => findProgram(name) === undefined),
];

const block = (version: string): string => `service: shop
version: ${version}
artifacts: [{ image: "localhost/shop:${version}" }]
ports: [{ container: 3000, host: 3000 }]
domains: [shop.example.com]
env: [{ name: GREETING, required: true, secret: false }]
volumes: [{ name: data, path: /data }]
data: { stateful: true, migrations: none }
resources: { memory: 128m, cpus: 0.5 }
health:
  path: /healthz
  command: [node, -e, "fetch('http://127.0.0.1:3000/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
owner: the person on call
source: { author: ai, tool: claude }
`;

/** Caddy's own image, as far as a Compose file sees it. */
const CADDY = `FROM localhost/base-caddy
ENV XDG_CONFIG_HOME=/config XDG_DATA_HOME=/data
CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]
`;

describe.skipIf(missing.length > 0)(nameWithMissing("what stands in front, on a real host", missing), () => {
  let host: Host | undefined;
  let work: Workplace | undefined;

  afterEach(async () => {
    await host?.stop();
    work?.remove();
  }, 120_000);

  /** A host whose ports 80 and 443 are free, two versions of the shop on it, and who prepares for it. */
  async function settle(
    proxy: string,
    versions: readonly string[],
  ): Promise<{ host: Host; work: Workplace }> {
    const made = await startHost({ parts: ["sshd", "engine", "system", "network"], healthTimeScale: 0.2 });
    host = made;
    work = new Workplace(made);
    await work.setUp(
      `hosts:\n  web1:\n    tier: live\n    host_keys: ["${made.hostKeyFingerprint}"]\n    proxy: ${proxy}\nservices:\n  shop: { host: web1, path: ../shop }\n`,
      "examples/shop",
    );
    await made.provideBase("docker.io/library/node:20.19.5-bookworm-slim", "node");
    for (const version of versions) {
      await made.buildImage(`localhost/shop:${version}`, {
        "package.json": `{ "name": "shop", "version": "${version}", "type": "module" }`,
        "server.js": readFileSync("examples/shop/server.js", "utf8"),
        Dockerfile: readFileSync("examples/shop/Dockerfile", "utf8"),
      });
    }
    mkdirSync(made.path("/srv/shop"), { recursive: true });
    writeFileSync(made.path("/srv/shop/shop.env"), "GREETING=Good evening\n", { mode: 0o600 });
    await onHost(made, "echo '127.0.0.1 shop.example.com' >>/etc/hosts");
    return { host: made, work };
  }

  test("caddy-compose: a host without Caddy gets one in a project of its own, which serves the service and outlives its next version", async () => {
    const { host, work } = await settle("{ kind: caddy-compose, image: localhost/caddy:2 }", [
      "1.2.0",
      "1.3.0",
    ]);
    await host.provideBase("localhost/base-caddy", "caddy");
    await host.buildImage("localhost/caddy:2", { Dockerfile: CADDY });
    const authority =
      "/var/lib/containers/storage/volumes/caddy_data/_data/caddy/pki/authorities/local/root.crt";
    await onHost(host, `echo 'cacert = "${authority}"' >~/.curlrc`);

    const id = await work.prepare("1.2.0", block("1.2.0"));
    // No public authority knows this host; the person's own line stays in every later preparation.
    const config = work.path("infra/deploy/caddy-web1/Caddyfile");
    const own = readFileSync(config, "utf8").replace("{\n", "{\n\tlocal_certs\n\tskip_install_trust\n");
    writeFileSync(config, own);
    await work.vibeops("infra", ["lint", "deploy/caddy-web1/compose.yaml", "deploy/caddy-web1/Caddyfile"]);
    await work.vibeops("infra", ["runbook", "compile", id]);
    await work.commit("infra", "Certificates of our own");
    await work.carryOut(id, true);
    const health = "curl --silent --show-error --fail https://shop.example.com/healthz";
    expect(await onHost(host, health)).toContain("1.2.0");

    const caddy = await onHost(host, "docker inspect --format '{{.Id}}' caddy-caddy-1");
    const published = (await onHost(host, "docker port caddy-caddy-1")).trim().split("\n").sort();
    expect(published.map((line) => line.split(" ")[0])).toEqual(["443/tcp", "443/udp", "80/tcp"]);
    expect(await onHost(host, "docker port shop-shop-1")).toBe("");
    expect(
      await onHost(host, "docker exec caddy-caddy-1 sh -c 'touch /here 2>/dev/null || echo read-only'"),
    ).toBe("read-only\n");

    await work.carryOut(await work.prepare("1.3.0", block("1.3.0")), false);
    expect(await onHost(host, health)).toContain("1.3.0");
    expect(readFileSync(config, "utf8")).toBe(own);
    expect(await onHost(host, "docker inspect --format '{{.Id}}' caddy-caddy-1")).toBe(caddy);

    // A new container has the certificates of the one before: they are in a volume.
    const certificate =
      "sha256sum /var/lib/containers/storage/volumes/caddy_data/_data/caddy/certificates/local/*/*.crt";
    const before = await onHost(host, certificate);
    await onHost(host, "docker compose --project-directory /srv/caddy up --detach --wait --force-recreate");
    expect(await onHost(host, health)).toContain("1.3.0");
    expect(await onHost(host, certificate)).toBe(before);
  }, 300_000);

  test("nginx: the prepared site is served by a running nginx after its reload", async () => {
    const { host, work } = await settle("{ kind: nginx }", ["1.2.0"]);
    const live = "/etc/letsencrypt/live/shop.example.com";
    const subject = "-subj /CN=shop.example.com -addext subjectAltName=DNS:shop.example.com -days 2";
    await onHost(
      host,
      `mkdir -p ${live} /var/log/nginx; rm -f /etc/nginx/sites-enabled/* /etc/nginx/conf.d/*; openssl req -x509 -newkey ed25519 -nodes ${subject} -keyout ${live}/privkey.pem -out ${live}/fullchain.pem 2>/dev/null; nginx`,
    );
    await onHost(host, `echo 'cacert = "${live}/fullchain.pem"' >~/.curlrc`);
    expect((await host.run("curl --silent https://shop.example.com/")).exitCode).not.toBe(0);

    await work.carryOut(await work.prepare("1.2.0", block("1.2.0")), true);
    const answer = await onHost(
      host,
      "curl --silent --show-error --fail --include https://shop.example.com/",
    );
    expect(answer).toContain("Good evening");
    expect(answer).toMatch(/^strict-transport-security:/im);
    const plain = await onHost(host, "curl --silent --include http://shop.example.com/");
    expect(plain).toMatch(/^HTTP\/1\.1 30[18] /);
    expect(plain).toMatch(/^location: https:\/\/shop\.example\.com\//im);
  }, 300_000);
});
