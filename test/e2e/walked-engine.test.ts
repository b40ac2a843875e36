import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Host } from "./host.ts";
import { findProgram, missingComponents, nameWithMissing } from "./missing-components.ts";
import { onHost, SERVER_PARTS, WalkedHosts } from "./walked-host.ts";

const missing = missingComponents([...SERVER_PARTS, "gnupg"]);

/** What the runbook installs beside Caddy. Docker's own packages do not come here: these have their names, and nothing in them. */
const PACKAGES = [
  "docker-ce",
  "docker-ce-cli",
  "containerd.io",
  "docker-buildx-plugin",
  "docker-compose-plugin",
];

const NO_SYSTEMD = "the engine of the test host is podman, which has no daemon";

describe.skipIf(missing.length > 0)(
  nameWithMissing("install-engine-and-caddy, walked at a terminal on a real host", missing),
  () => {
    let walked: WalkedHosts;
    let host: Host;
    let fingerprint: string;
    const release = /^VERSION_CODENAME=(.+)$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "";

    beforeAll(async () => {
      walked = await WalkedHosts.start("web1");
      [host] = walked.hosts as [Host];
      fingerprint = await makeArchive();
      // The host's own Caddy stands in for Docker's server; no other archive can be reached.
      const site = "download.docker.com {\n\troot * /srv/archive\n\tfile_server\n}\n";
      writeFileSync(host.path("/etc/caddy/sites/archive.caddy"), site);
      await onHost(host, "caddy reload --config /etc/caddy/Caddyfile --adapter caddyfile");
      await onHost(host, "echo '127.0.0.1 download.docker.com' >>/etc/hosts");
      await onHost(host, "rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/*");
      await onHost(
        host,
        "install -m 644 ~/.local/share/caddy/pki/authorities/local/root.crt /etc/ssl/authority.crt",
      );
      await onHost(
        host,
        `echo 'Acquire::https::CAInfo "/etc/ssl/authority.crt";' >/etc/apt/apt.conf.d/90authority`,
      );
    }, 120_000);

    afterAll(async () => {
      await walked?.stop();
    }, 120_000);

    /** A signed archive of empty packages, laid out as Docker's is; returns its key's fingerprint. */
    async function makeArchive(): Promise<string> {
      const root = "/srv/archive/linux/debian";
      const lists = `${root}/dists/${release}/stable/binary-amd64`;
      mkdirSync(host.path(`${root}/pool`), { recursive: true });
      mkdirSync(host.path(lists), { recursive: true });
      const stanzas = PACKAGES.map((name) => buildPackage(host.path(`${root}/pool`), name));
      const packages = stanzas.join("\n");
      writeFileSync(host.path(`${lists}/Packages`), packages);
      const sum = createHash("sha256").update(packages).digest("hex");
      const meta = `Origin: Docker\nSuite: ${release}\nCodename: ${release}\nComponents: stable\nArchitectures: amd64\nDate: ${new Date().toUTCString()}\nSHA256:\n ${sum} ${Buffer.byteLength(packages)} stable/binary-amd64/Packages\n`;
      const gpg = "GNUPGHOME=/var/tmp/gnupg gpg --batch --quiet";
      await onHost(host, "install -d -m 700 /var/tmp/gnupg");
      await onHost(host, `${gpg} --passphrase '' --quick-gen-key 'Archive of a test' ed25519 sign`);
      await onHost(host, `${gpg} --clearsign --output ${root}/dists/${release}/InRelease`, meta);
      await onHost(host, `${gpg} --armor --export >${root}/gpg`);
      const listed = await onHost(host, `${gpg} --list-keys --with-colons`);
      return /^fpr:+([0-9A-F]{40}):/m.exec(listed)?.[1] ?? "";
    }

    function buildPackage(pool: string, name: string): string {
      const control = `Package: ${name}\nVersion: 5:99.0-1\nArchitecture: amd64\nMaintainer: a test <test@example.com>\nDescription: nothing\n`;
      const folder = walked.work.path("package", name);
      mkdirSync(`${folder}/DEBIAN`, { recursive: true });
      writeFileSync(`${folder}/DEBIAN/control`, control);
      execFileSync(
        findProgram("dpkg-deb") ?? "dpkg-deb",
        ["--root-owner-group", "--build", folder, `${pool}/${name}.deb`],
        {
          stdio: "ignore",
        },
      );
      const bytes = readFileSync(`${pool}/${name}.deb`);
      const sum = createHash("sha256").update(bytes).digest("hex");
      return `${control}Filename: pool/${name}.deb\nSize: ${bytes.length}\nSHA256: ${sum}\n`;
    }

    test("a key with another fingerprint than the approved one is not used", async () => {
      const id = await walked.make("install-engine-and-caddy", { RELEASE: release });
      const said = await walked.walk(id, {
        onFailure: { "Fetch the key of Docker's packages": () => "roll-back" },
      });
      expect(said).toContain(`the key that came is ${fingerprint}`);
      expect((await host.run("ls /etc/apt/keyrings/docker.asc*")).exitCode).not.toBe(0);
    }, 120_000);

    test("packages come from the signed archive, and Caddy serves what the runbook wrote", async () => {
      const id = await walked.make("install-engine-and-caddy", { RELEASE: release, DOCKER_KEY: fingerprint });
      await walked.walk(id, { skip: { "Let the engine read its settings": NO_SYSTEMD } });
      const status = `dpkg-query --show --showformat='\${db:Status-Status} \${Version}\\n' ${PACKAGES.join(" ")}`;
      expect(await onHost(host, status)).toBe("installed 5:99.0-1\n".repeat(PACKAGES.length));
      expect(await onHost(host, "curl --silent http://127.0.0.1/")).toBe("this is caddy");
      expect(JSON.parse(await onHost(host, "cat /etc/docker/daemon.json"))).toMatchObject({
        "live-restore": true,
      });
      // The copy of this machine's package lists is the host's alone.
      expect(readFileSync("/var/lib/dpkg/status", "utf8")).not.toContain("Version: 5:99.0-1");
      const verify = walked.work.operator.type("runbook", "verify", id);
      await verify.expect("The verification failed");
      expect((await verify.exited).exitCode).not.toBe(0);
    }, 180_000);
  },
);
