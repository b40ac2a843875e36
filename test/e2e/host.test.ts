import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleScript } from "./bundle-script.ts";
import { findFreePort } from "./free-port.ts";
import { type Host, startHost } from "./host.ts";
import { missingComponents, nameWithMissing } from "./missing-components.ts";
import { runProcess } from "./processes.ts";

const withoutSsh = missingComponents(["sshd"]);
const withoutAll = missingComponents();

describe.skipIf(withoutSsh.length > 0)(nameWithMissing("a host with OpenSSH", withoutSsh), () => {
  let host: Host;
  beforeAll(async () => {
    host = await startHost({ parts: ["sshd"] });
  });
  afterAll(() => host?.stop());

  it("takes commands and their input, and gives back output and exit code", async () => {
    expect(await host.run("cat; echo trouble >&2; exit 3", "in\n")).toEqual({
      exitCode: 3,
      stdout: "in\n",
      stderr: "trouble\n",
    });
  });

  it("takes files by scp, as the operator types it", async () => {
    const file = join(host.directory, "operator/home/note.txt");
    writeFileSync(file, "hello\n");
    const copied = await runProcess(join(host.directory, "operator/bin/scp"), [
      "-q",
      file,
      "web1:/srv/note.txt",
    ]);
    expect(copied).toMatchObject({ exitCode: 0, stderr: "" });
    expect(readFileSync(host.path("/srv/note.txt"), "utf8")).toBe("hello\n");
  });

  it("shows the host key whose fingerprint it tells", async () => {
    const scanned = await runProcess("ssh-keyscan", ["-p", String(host.sshPort), "127.0.0.1"]);
    const listed = await runProcess("ssh-keygen", ["-lf", "-"], scanned.stdout);
    expect(listed.stdout).toContain(host.hostKeyFingerprint);
    expect(host.hostKeyFingerprint).toMatch(/^SHA256:/);
  });

  it("is refused by the operator's ssh when its key is another than the known one", async () => {
    const known = readFileSync(host.knownHosts, "utf8");
    const other = join(host.directory, "other");
    await runProcess("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", other]);
    writeFileSync(host.knownHosts, `[127.0.0.1]:${host.sshPort} ${readFileSync(`${other}.pub`, "utf8")}`);
    const refused = await host.run("true");
    writeFileSync(host.knownHosts, known);
    expect(refused.exitCode).toBe(255);
    expect(refused.stderr).toContain("Host key verification failed");
  });

  it("ends, and takes its directory away, when the test that started it is killed", async () => {
    const folder = mkdtempSync(join(tmpdir(), "vibeops-crash-"));
    const script = join(folder, "start.mjs");
    const entry = join(folder, "start.ts");
    writeFileSync(
      entry,
      `import { startHost } from ${JSON.stringify(join(import.meta.dirname, "host.ts"))};
      const host = await startHost({ parts: ["sshd"] });
      process.stdout.write(JSON.stringify([host.directory, host.sshPort]));
      setInterval(() => {}, 1000);`,
    );
    await bundleScript(entry, script, import.meta.dirname);
    const child = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
    const [told] = (await once(child.stdout, "data")) as [Buffer];
    const [directory, port] = JSON.parse(told.toString()) as [string, number];
    const wasListening = await isListening(port);
    child.kill("SIGKILL");
    await waitUntil(() => !existsSync(directory));
    rmSync(folder, { recursive: true });
    expect([wasListening, await isListening(port)]).toEqual([true, false]);
  });
});

describe.skipIf(withoutAll.length > 0)(
  nameWithMissing("a host with containers and Caddy", withoutAll),
  () => {
    let host: Host;
    let port: number;
    const compose = (words: string): string =>
      `docker compose --project-directory /srv/shop --env-file /srv/shop/.env ${words}`;
    const curl = "curl --fail --silent --show-error https://shop.example.com";

    async function up(words = ""): Promise<{ exitCode: number; stdout: string; stderr: string }> {
      return host.run(compose(`up --detach --wait --wait-timeout 60 --remove-orphans ${words}`));
    }
    function writeEnv(lines: Record<string, string>): void {
      const all = { VERSION: "1.2.0", PORT: String(port), ...lines };
      const text = Object.entries(all).map(([name, value]) => `${name}='${value}'\n`);
      writeFileSync(host.path("/srv/shop/.env"), text.join(""));
    }

    beforeAll(async () => {
      host = await startHost();
      port = await findFreePort();
      await host.provideBase("docker.io/library/node:20.19.5-bookworm-slim", "node");
      await host.buildImage("localhost/shop:1.2.0", join(import.meta.dirname, "../../examples/shop"));
      await host.buildImage("localhost/cache:1", { "index.html": "cache\n" }, "busybox");
      mkdirSync(host.path("/srv/shop"));
      const file = readFileSync(join(import.meta.dirname, "fixtures/shop.compose.yaml"), "utf8");
      // The product's .env is also read by Compose; the service takes its own PORT from the image.
      writeFileSync(host.path("/srv/shop/compose.yaml"), file.replace("      - .env\n", "      - app.env\n"));
      writeFileSync(host.path("/srv/shop/app.env"), 'SECRET="two words" # a comment\n');
      writeEnv({});
    });
    afterAll(() => host?.stop());

    it("checks a Compose file, and names what it does not know", async () => {
      expect(await host.run(compose("config --quiet"))).toEqual({ exitCode: 0, stdout: "", stderr: "" });
      writeFileSync(host.path("/srv/wrong.yaml"), "services: { web: { image: x, restrat: always } }\n");
      const refused = await host.run("docker compose --file /srv/wrong.yaml config --quiet");
      expect(refused.exitCode).not.toBe(0);
      expect(refused.stderr).toContain("services.web additional properties 'restrat' not allowed");
    });

    it("brings a service up, waits for its health and answers through Caddy", async () => {
      expect(await host.run(compose("pull --policy missing"))).toMatchObject({ exitCode: 0 });
      const started = await up();
      expect(started.stderr).toContain("Container shop-web-1  Healthy");
      expect(started.exitCode).toBe(0);

      writeFileSync(
        host.path(`${host.sitesDirectory}/shop.caddy`),
        `shop.example.com {\n\treverse_proxy 127.0.0.1:${port}\n}\n`,
      );
      for (const command of ["validate", "reload"]) {
        const done = await host.run(`caddy ${command} --config ${host.caddyfile} --adapter caddyfile`);
        expect(done, done.stderr).toMatchObject({ exitCode: 0 });
      }
      expect(await host.run(`${curl}/healthz`)).toMatchObject({
        exitCode: 0,
        stdout: '{"status":"ok","version":"1.2.0"}\n',
      });
      expect((await host.get("https://shop.example.com/")).body).toContain("It costs $5");
    });

    it("gives the container what the Compose file says", async () => {
      const { stdout } = await host.run("docker inspect shop-web-1");
      const [container] = JSON.parse(stdout);
      expect(container.HostConfig).toMatchObject({
        Memory: 256 * 1024 * 1024,
        NanoCpus: 750_000_000,
        PidsLimit: 64,
        ReadonlyRootfs: true,
        Init: true,
        RestartPolicy: { Name: "unless-stopped" },
        SecurityOpt: ["no-new-privileges"],
      });
      expect(container.EffectiveCaps ?? []).toEqual([]);
      expect(container.State.Health.Status).toBe("healthy");
      expect(container.Config.StopTimeout).toBe(5);
      const inside = await host.run(
        compose(
          "exec -T web sh -c 'id -u; echo $SECRET; touch /app/x || touch /tmp/x; wget -qO- http://cache:3000/'",
        ),
      );
      expect(inside.stdout).toBe("1000\ntwo words\ncache\n");
      expect(inside.stderr).toContain("Read-only file system");
    });

    it("starts a container again that ended by itself", async () => {
      const readPid = async (): Promise<string> =>
        (await host.run("docker inspect --format '{{.State.Pid}}' shop-cache-1")).stdout.trim();
      const before = await readPid();
      await host.run(`kill -KILL ${before}`);
      await waitUntil(async () => !["", "0", before].includes(await readPid()));
    });

    it("leaves an unchanged service alone, and recreates a changed one with its data", async () => {
      const readId = async (): Promise<string> => (await host.run(compose("ps --quiet web"))).stdout;
      const visits = await readVisits();
      const before = await readId();
      expect(await up()).toMatchObject({ exitCode: 0 });
      expect(await readId()).toBe(before);
      writeEnv({ GREETING: "a new one" });
      expect(await up()).toMatchObject({ exitCode: 0 });
      expect(await readId()).not.toBe(before);
      expect((await host.get("https://shop.example.com/")).body).toContain("a new one");
      expect(await readVisits()).toBeGreaterThan(visits);
    });

    it("fails when a new version does not become healthy, and goes back", async () => {
      writeEnv({ HEALTH: "/nowhere" });
      const failed = await up();
      expect(failed.exitCode).toBe(1);
      expect(failed.stderr).toContain("container shop-web-1 is unhealthy");
      writeEnv({});
      expect(await up()).toMatchObject({ exitCode: 0 });
      expect((await host.run(`${curl}/healthz`)).stdout).toContain("ok");
    });

    it("shows state, logs and images", async () => {
      const shown = (await host.run(compose("ps --format json web"))).stdout;
      expect(JSON.parse(shown)).toMatchObject({ Service: "web", State: "running", Health: "healthy" });
      expect((await host.run(compose("logs --no-color --tail 5"))).stdout).toContain(
        "shop 1.2.0 listens on port",
      );
      expect((await host.run(compose("images"))).stdout).toMatch(/shop-web-1 +localhost\/shop +1\.2\.0/);
      expect(await host.run(compose("restart web"))).toMatchObject({ exitCode: 0 });
    });

    it("refuses an image that is nowhere, without asking the network", async () => {
      writeEnv({ VERSION: "9.9.9" });
      const refused = await up();
      writeEnv({});
      expect(refused.exitCode).not.toBe(0);
      expect(refused.stderr).toContain("localhost/shop:9.9.9");
    });

    it("takes everything down but the data", async () => {
      expect(await host.run(compose("down --remove-orphans"))).toMatchObject({ exitCode: 0 });
      expect((await host.run("docker ps --all --quiet")).stdout).toBe("");
      expect((await host.run("docker volume ls --quiet")).stdout).toBe("shop_data\n");
      expect((await host.run(`${curl}/healthz`)).exitCode).not.toBe(0);
    });

    async function readVisits(): Promise<number> {
      const { body } = await host.get("https://shop.example.com/");
      return Number(/visit number (\d+)/.exec(body)?.[1]);
    }
  },
);

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

async function waitUntil(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(100);
}
