import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { type PreparationPlan, planPreparation } from "../../src/deploy/prepare.ts";
import { parseRunbook } from "../../src/runbook/parse-runbook.ts";
import { fencesOf } from "../../src/runbook/runbook.ts";
import { temporaryDirectory } from "../helpers/directory.ts";
import { fixtureInput, fixtureNames } from "./fixture.ts";

const isThere = (program: string) => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;

function write(folder: string, plan: PreparationPlan): void {
  for (const { path, content } of plan.files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

const plans = fixtureNames().map((name) => [name, planPreparation(fixtureInput(name))] as const);
const withSite = plans.filter(([, plan]) => plan.files.some((file) => file.path.endsWith(".caddy")));

describe.skipIf(!isThere("caddy"))("Caddy", () => {
  test.each(withSite)("accepts the site of %s among others, and has nothing to format in it", (_, plan) => {
    const folder = temporaryDirectory();
    write(folder, plan);
    const sites = join(folder, "deploy/shop");
    const main = join(folder, "Caddyfile");
    writeFileSync(main, `import ${sites}/*.caddy\n\nother.example.com {\n\trespond "other"\n}\n`);
    const env = { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
    const valid = spawnSync("caddy", ["validate", "--adapter", "caddyfile", "--config", main], {
      env,
      encoding: "utf8",
    });
    expect(valid).toMatchObject({ status: 0, stdout: expect.stringContaining("Valid configuration") });
    const diff = execFileSync("caddy", ["fmt", "--diff", join(sites, "shop.caddy")], {
      env,
      encoding: "utf8",
    });
    expect(diff.split("\n").filter((line) => /^[-+]/.test(line))).toEqual([]);
  });
});

describe.skipIf(!isThere("/usr/sbin/nginx") || !isThere("openssl"))("nginx", () => {
  const sites = plans.filter(([, plan]) => plan.files.some((file) => file.path.endsWith(".conf")));

  test.each(sites)("accepts the site of %s, with a certificate in its place", (_, plan) => {
    const folder = temporaryDirectory();
    write(folder, plan);
    const site = join(folder, "deploy/shop/shop.conf");
    const certificate = join(folder, "live");
    mkdirSync(certificate);
    const files = ["-keyout", join(certificate, "privkey.pem"), "-out", join(certificate, "fullchain.pem")];
    const words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    const all = [...words, "-days", "1", "-subj", "/CN=shop.example.com", ...files];
    spawnSync("sh", ["-c", 'exec openssl "$@"', "sh", ...all]);
    // The test may bind neither the real ports nor, on some machines, IPv6.
    const text = readFileSync(site, "utf8")
      .replaceAll("/etc/letsencrypt/live/shop.example.com", certificate)
      .replaceAll("listen [::]:", "#")
      .replaceAll(/listen (80|443)/g, "listen 127.0.0.1:1$1");
    writeFileSync(site, text);
    const main = join(folder, "nginx.conf");
    writeFileSync(
      main,
      `pid ${folder}/pid;\nerror_log ${folder}/log;\nevents {}\nhttp { access_log off; include ${site}; }\n`,
    );
    const { stdout, stderr } = spawnSync("/usr/sbin/nginx", ["-t", "-q", "-c", main], { encoding: "utf8" });
    expect(stdout + stderr).toBe("");
  });
});

describe.skipIf(!isThere("podman-compose"))("podman-compose", () => {
  // podman-compose 1.0 has no `config`. A dry run shows what it would start, but makes volumes and networks all
  // the same, so it is given a podman that does nothing.
  const dryRun = (plan: PreparationPlan) => {
    const folder = temporaryDirectory();
    write(folder, plan);
    const podman = join(folder, "podman");
    writeFileSync(podman, '#!/bin/sh\necho "podman version 4.3.1"\n', { mode: 0o755 });
    const cwd = join(folder, "deploy/shop");
    const args = ["--podman-path", podman, "--dry-run", "--file", "compose.yaml", "up", "--detach"];
    const { stdout, stderr } = spawnSync("podman-compose", args, { cwd, encoding: "utf8" });
    return stdout + stderr;
  };

  test("takes what a complete memo gives, with its limits", () => {
    const output = dryRun(planPreparation(fixtureInput("compose-complete")));
    for (const words of [
      "--read-only",
      "--cap-drop ALL",
      "--security-opt no-new-privileges:true",
      "-m 256m",
      "--cpus 0.5",
      "-p 127.0.0.1:3000:3000",
      "-v shop_data:/data",
      "--restart unless-stopped",
      "--log-opt=max-size=10m",
      "--tmpfs /tmp:size=64m,mode=1777",
    ]) {
      expect(output).toContain(words);
    }
  });

  test("takes a file with dependencies, and the dollar of a memo stays a dollar", () => {
    const output = dryRun(planPreparation(fixtureInput("compose-database")));
    expect(output).toContain("ghcr.io/acme/shop:2.0.0-rc.1 node server.js --greeting costs $5, 'really'");
    expect(output).toContain("postgres:16.4");
  });

  test("starts nothing as long as the image is an open question", () => {
    const output = dryRun(planPreparation(fixtureInput("compose-open-image")));
    expect(output).toContain("which image is an open question");
    expect(output).not.toContain("--name=");
  });
});

describe("every script of a runbook", () => {
  const scripts = plans.flatMap(([name, plan]) => {
    const file = plan.files.find((candidate) => candidate.path.endsWith("runbook.md"));
    if (file === undefined) return [];
    const runbook = parseRunbook(file.content, file.path);
    const commands = [...runbook.steps.flatMap(fencesOf), ...runbook.verification];
    return commands.map((command) => [name, command.line, command.kind, command.script] as const);
  });

  test("is read by sh", () => {
    for (const [name, line, kind, script] of scripts) {
      const { stderr } = spawnSync("sh", ["-n"], { input: script, encoding: "utf8" });
      expect(stderr, `${name}, line ${line}, ${kind}`).toBe("");
    }
  });

  test.skipIf(!isThere("shellcheck"))("has nothing that shellcheck warns of", () => {
    const folder = temporaryDirectory();
    const files = scripts.map(([name, line, kind, script], i) => {
      const file = join(folder, `${i}-${name}-${line}-${kind}.sh`);
      writeFileSync(file, `${script}\n`);
      return file;
    });
    const result = spawnSync("shellcheck", ["--shell=sh", "--severity=warning", ...files], {
      encoding: "utf8",
    });
    expect(result.stdout).toBe("");
  });
});
