import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Host } from "./host.ts";
import { missingComponents, nameWithMissing } from "./missing-components.ts";
import { makeRepository, onHost, SERVER_PARTS, WalkedHosts } from "./walked-host.ts";

const missing = missingComponents([...SERVER_PARTS, "restic", "age", "disks"]);

/** Answers well only with a secret that its issuer knows, which it reads when it starts. */
const SERVER = `import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const secret = readFileSync("/run/key/api-key", "utf8");
const known = readFileSync("/run/key/issued", "utf8").split("\\n");
const good = known.includes(createHash("sha256").update(secret).digest("hex"));
createServer((request, response) => {
  console.log(request.url);
  response.writeHead(good ? 200 : 503).end(good ? \`well, \${process.env.TOKEN ?? "no token"}\\n\` : "who are you?\\n");
}).listen(3000);
process.on("SIGTERM", () => process.exit(0));
`;

const COMPOSE = `name: shop
services:
  web:
    image: localhost/shop:1
    restart: unless-stopped
    init: true
    stop_grace_period: 2s
    ports: ["127.0.0.1:3000:3000"]
    env_file: [{ path: secrets.env, required: false }]
    volumes: ["./secrets:/run/key:ro"]
`;

const sha256 = (text: string | Buffer): string => createHash("sha256").update(text).digest("hex");
const STAND_IN = join(import.meta.dirname, "fixtures/sops.sh");
const SOPS = readFileSync(STAND_IN);

describe.skipIf(missing.length > 0)(
  nameWithMissing("runbooks from templates, walked at a terminal on a real host", missing),
  () => {
    let walked: WalkedHosts;
    let host: Host;

    beforeAll(async () => {
      walked = await WalkedHosts.start("web1");
      [host] = walked.hosts as [Host];
      await host.buildImage(
        "localhost/shop:1",
        { "server.js": SERVER, "package.json": '{"type":"module"}' },
        "node",
      );
      layOutShop("/srv/shop");
      const site = "shop.example.com {\n\treverse_proxy 127.0.0.1:3000\n}\n";
      writeFileSync(host.path("/etc/caddy/sites/shop.caddy"), site);
      await onHost(host, "docker compose --project-directory /srv/shop up --detach --wait");
      await onHost(host, "caddy reload --config /etc/caddy/Caddyfile --adapter caddyfile");
      await makeRepository(host, "/var/tmp/restic");
    }, 120_000);

    afterAll(async () => {
      await walked?.stop();
    }, 120_000);

    function layOutShop(folder: string): void {
      for (const name of ["secrets", "data"]) mkdirSync(host.path(`${folder}/${name}`), { recursive: true });
      writeFileSync(host.path(`${folder}/data/orders`), "one order\n");
      writeFileSync(host.path(`${folder}/compose.yaml`), COMPOSE);
      writeFileSync(host.path(`${folder}/secrets/api-key`), "the first secret", { mode: 0o400 });
      chownSync(host.path(`${folder}/secrets/api-key`), 1000, 1000);
      const issued = ["the first secret", "the second secret"].map(sha256);
      writeFileSync(host.path(`${folder}/secrets/issued`), issued.join("\n"));
    }

    const ask = async () => (await host.run("curl --silent --fail http://127.0.0.1:3000/healthz")).stdout;

    /** Every file that the runbook left in git, in one string. */
    function readFolder(id: string): string {
      const folder = walked.work.path(`infra/runbooks/${id}`);
      return readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((one) => one.isFile())
        .map(({ parentPath, name }) => readFileSync(join(parentPath, name), "utf8"))
        .join("\n");
    }

    test("place-secrets: the host makes its key, and opens for the service what was encrypted to it", async () => {
      // This host's Caddy answers in the place of the one where the binary is fetched; curl trusts it.
      mkdirSync(host.path("/srv/www/getsops/sops/releases/download/v3.9.4"), { recursive: true });
      writeFileSync(
        host.path("/srv/www/getsops/sops/releases/download/v3.9.4/sops-v3.9.4.linux.amd64"),
        SOPS,
      );
      const site = "github.com {\n\troot * /srv/www\n\tfile_server\n}\n";
      writeFileSync(host.path("/etc/caddy/sites/downloads.caddy"), site);
      await onHost(host, "echo '127.0.0.1 github.com' >>/etc/hosts");
      await onHost(host, "caddy reload --config /etc/caddy/Caddyfile --adapter caddyfile");

      const id = await walked.make("place-secrets", { SOPS_SHA256: sha256(SOPS) });
      const said = await walked.walk(id, { rollBackBefore: "Lay the encrypted file in place" });
      const recipient = /age1[a-z0-9]{58}/.exec(said)?.[0] ?? "no key was shown";

      const plain = walked.work.path("plain.env");
      writeFileSync(plain, "TOKEN=only the service knows\n");
      const words = [
        "--encrypt",
        "--age",
        recipient,
        "--input-type",
        "dotenv",
        "--output-type",
        "dotenv",
        plain,
      ];
      const encrypted = execFileSync("sh", [STAND_IN, ...words]);
      rmSync(plain);
      writeFileSync(walked.work.path(`infra/runbooks/${id}/files/secrets.enc.env`), encrypted);
      await walked.work.vibeops("infra", ["runbook", "compile", id]);
      await walked.work.commit("infra", "Encrypt the secrets");
      await walked.approve(id);
      await walked.walk(id);
      await walked.verifyAndClose(id);
      expect(await ask()).toBe("well, only the service knows\n");
      expect(readFolder(id)).not.toContain("only the service knows");
    }, 180_000);

    test("rotate-secret: the service runs with the value that a person wrote, and the record does not know it", async () => {
      const { said, id } = await walked.carryOut(
        "rotate-secret",
        { OWNER: "1000", MODE: "400" },
        {
          onFailure: {
            "Place the new value": () =>
              onHost(host, "umask 077; cat >/srv/shop/secrets/api-key.vibeops-secret", "the second secret"),
          },
        },
      );
      expect(said).toContain("The secret is not here yet");
      writeFileSync(host.path("/srv/shop/secrets/issued"), sha256("the second secret"));
      await onHost(host, "docker compose --project-directory /srv/shop restart web; sleep 1");
      expect(await ask()).toContain("well");
      expect(readFolder(id)).not.toContain("second secret");
    }, 120_000);

    test("investigate-container: a container that was killed leaves its evidence in the record before it starts again", async () => {
      await onHost(host, "docker exec shop-web-1 sh -c 'echo the last words >/proc/1/fd/1'");
      await onHost(host, "docker kill --signal KILL shop-web-1");
      const { said, id } = await walked.carryOut("investigate-container", {});
      expect(said).toContain('"ExitCode":137');
      expect(said).toContain("no answer (curl: 7)");
      expect(readFolder(id)).toContain("the last words");
      expect(await ask()).toContain("well");
    }, 120_000);

    test("take-down-service: it is backed up, gone from Caddy and stopped, and its data is there", async () => {
      expect((await host.get("https://shop.example.com/")).status).toBe(200);
      const { id } = await walked.carryOut("take-down-service", { REPOSITORY: "/var/tmp/restic" });
      await expect(host.get("https://shop.example.com/")).rejects.toThrow();
      expect(await onHost(host, "docker ps --all --quiet")).toBe("");
      expect(readFileSync(host.path("/srv/shop/data/orders"), "utf8")).toBe("one order\n");
      const snapshots = `restic --repo /var/tmp/restic --password-file /etc/restic/password snapshots --json --tag vibeops-${id}`;
      expect(JSON.parse(await onHost(host, snapshots))).toHaveLength(1);
    }, 120_000);

    test("restore-lost-disk: an empty disk gets a file system, the data of a snapshot byte for byte, and the service", async () => {
      layOutShop("/srv/disk/shop");
      const order = Buffer.from("an order\0\r\n".repeat(20_000));
      appendFileSync(host.path("/srv/disk/shop/data/orders"), order);
      const restic = "restic --repo /var/tmp/restic --password-file /etc/restic/password";
      await onHost(host, `${restic} backup --quiet --tag scheduled /srv/disk`);
      const [snapshot] = JSON.parse(await onHost(host, `${restic} snapshots --json --tag scheduled`));
      rmSync(host.path("/srv/disk"), { recursive: true });

      writeFileSync(host.path("/var/tmp/disk"), "");
      truncateSync(host.path("/var/tmp/disk"), 64 * 1024 * 1024);
      const device = (await onHost(host, "losetup --find --show /var/tmp/disk")).trim();
      try {
        await walked.carryOut("restore-lost-disk", {
          DEVICE: device,
          LABEL: `srv-${process.pid}`,
          MOUNT: "/srv/disk",
          REPOSITORY: "/var/tmp/restic",
          SNAPSHOT: snapshot.short_id,
          DIRECTORY: "/srv/disk/shop",
        });
        expect(await onHost(host, "findmnt --noheadings --output SOURCE,FSTYPE /srv/disk")).toMatch(
          new RegExp(`^${device} +ext4\n$`),
        );
        const sum = (await onHost(host, "sha256sum /srv/disk/shop/data/orders")).slice(0, 64);
        expect(sum).toBe(sha256(Buffer.concat([Buffer.from("one order\n"), order])));
        expect(await ask()).toContain("well");
      } finally {
        // Mounted only in there; the kernel lets it go with the host.
        await host.run(`losetup --detach ${device}`);
      }
    }, 120_000);
  },
);
