import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Host } from "./host.ts";
import { missingComponents, nameWithMissing } from "./missing-components.ts";
import { onHost, SERVER_PARTS, WalkedHosts } from "./walked-host.ts";

const missing = missingComponents([...SERVER_PARTS, "restic"]);

const COMPOSE = `name: shop
services:
  web:
    image: localhost/shop:1
    restart: unless-stopped
    init: true
    stop_grace_period: 2s
    ports: ["127.0.0.1:3000:3000"]
    volumes: ["./data:/www:ro"]
`;

describe.skipIf(missing.length > 0)(
  nameWithMissing("move-service, walked at a terminal on two real hosts", missing),
  () => {
    let walked: WalkedHosts;
    let from: Host;
    let to: Host;

    beforeAll(async () => {
      walked = await WalkedHosts.start("web1", "web2");
      [from, to] = walked.hosts as [Host, Host];
      for (const host of [from, to]) await host.buildImage("localhost/shop:1", { "index.html": "" });
      mkdirSync(from.path("/srv/shop/data"), { recursive: true });
      writeFileSync(from.path("/srv/shop/compose.yaml"), COMPOSE);
      writeFileSync(from.path("/srv/shop/data/index.html"), "before the move\n");
      writeFileSync(from.path("/srv/shop/data/unsent"), "a mail that waits to be sent\n");
      const site = "shop.example.com {\n\treverse_proxy 127.0.0.1:3000\n}\n";
      writeFileSync(from.path("/etc/caddy/sites/shop.caddy"), site);
      await onHost(from, "docker compose --project-directory /srv/shop up --detach --wait");
      await onHost(from, "caddy reload --config /etc/caddy/Caddyfile --adapter caddyfile");
      for (const host of [from, to]) await reachRepository(host);
      await onHost(to, "restic --password-file /etc/restic/password init --quiet --repo /srv/restic");
      await pointTo(from.address);
      // Both hosts' Caddys sign with authorities of their own, as no public one knows these names.
      const authority = "/root/.local/share/caddy/pki/authorities/local/root.crt";
      const both = [from, to].map((host) => readFileSync(host.path(authority), "utf8")).join("");
      writeFileSync(from.path("/root/.curlrc"), 'cacert = "/root/authorities.crt"\n');
      writeFileSync(from.path("/root/authorities.crt"), both);
    }, 180_000);

    afterAll(async () => {
      await walked?.stop();
    }, 120_000);

    /** The repository lies on the new host; both come to it by SFTP, as to a third machine. */
    async function reachRepository(host: Host): Promise<void> {
      await onHost(host, "umask 077; mkdir -p /etc/restic ~/.ssh; echo a password >/etc/restic/password");
      await onHost(
        host,
        "umask 077; cat >~/.ssh/id_ed25519",
        readFileSync(`${to.directory}/operator/id_ed25519`, "utf8"),
      );
      await onHost(host, "cat >~/.ssh/known_hosts", readFileSync(to.knownHosts, "utf8"));
      const config = `Host backup\n  HostName ${to.address}\n  Port ${to.sshPort}\n`;
      await onHost(host, "cat >~/.ssh/config", config);
    }

    /** What the name of the service leads to, on both hosts. */
    async function pointTo(address: string): Promise<void> {
      const words = `sed -i '/shop.example.com/d' /etc/hosts; echo '${address} shop.example.com' >>/etc/hosts`;
      for (const host of [from, to]) await onHost(host, words);
    }

    test("what was written and what was deleted until the service stood still is what the new host serves, by its name", async () => {
      expect((await from.get("https://shop.example.com/")).body).toBe("before the move\n");
      const data = from.path("/srv/shop/data");
      await walked.carryOut(
        "move-service",
        {
          NEW_ADDRESS: to.address,
          REPOSITORY: "sftp:backup:/srv/restic",
          HEALTH_URL: "https://shop.example.com/",
        },
        {
          before: {
            "Stop it on the old host": () => {
              writeFileSync(`${data}/index.html`, "the last word\n");
              rmSync(`${data}/unsent`);
            },
            "Wait for DNS": () => pointTo(to.address),
          },
        },
      );
      expect((await to.get("https://shop.example.com/")).body).toBe("the last word\n");
      const list = "cd /srv/shop && find . -printf '%P %y %m %U:%G\\n' | sort";
      expect(await onHost(to, list)).toBe(await onHost(from, list));
      expect(await onHost(from, "docker ps --quiet")).toBe("");
    }, 300_000);
  },
);
