import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runProcess } from "../../src/platform/process.ts";
import { findFreePort } from "./free-port.ts";
import { type Host, startHost } from "./host.ts";
import { missingComponents, nameWithMissing } from "./missing-components.ts";
import { BIN, PlayedOperator, pressEnterUntil } from "./operator.ts";

const missing = missingComponents();

/** The memo that a developer writes for one version of the shop. */
function deploymentMemo(version: string, port: number, rollback: string | null): string {
  return `## Context

Version ${version} is ready.

## Deployment

\`\`\`yaml
service: shop
version: ${version}
artifacts: [{ image: "localhost/shop:${version}" }]
ports: [{ container: 3000, host: ${port} }]
domains: [shop.example.com]
env: [{ name: GREETING, required: true, secret: false }]
volumes: [{ name: data, path: /data }]
data: { stateful: true, migrations: none, backup: "ls /srv/shop > /srv/shop-backup.txt" }
resources: { memory: 128m, cpus: 0.5 }
health:
  path: /healthz
  command: [node, -e, "fetch('http://127.0.0.1:3000/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
${rollback === null ? "" : `rollback: { to: "${rollback}", data: "cat /srv/shop-backup.txt" }`}
owner: the person on call
source: { author: ai, tool: claude }
tests: { command: npm test, coverage: 90 }
\`\`\`

## Action items

- [ ] Prepare the Compose configuration
- [ ] Write the runbook
- [ ] Deploy and verify
`;
}

describe.skipIf(missing.length > 0)(nameWithMissing("the main job, on a real host", missing), () => {
  let host: Host;
  let directory: string;
  let port: number;

  const env = (): Record<string, string> => ({
    ...host.operatorEnv,
    HOME: join(directory, "home"),
    GIT_CONFIG_GLOBAL: join(directory, "home/.gitconfig"),
    GIT_CONFIG_NOSYSTEM: "1",
  });

  async function vibeops(project: string, argv: readonly string[], input = "") {
    const result = await runProcess(process.execPath, [BIN, ...argv], {
      cwd: join(directory, project),
      env: env(),
      input,
    });
    expect(result.exitCode, result.stderr + result.stdout).toBe(0);
    return result.stdout;
  }

  const operator = () => new PlayedOperator(join(directory, "infra"), env());

  async function git(project: string, ...args: string[]): Promise<string> {
    const result = await runProcess("git", args, { cwd: join(directory, project), env: env() });
    expect(result.exitCode, result.stderr).toBe(0);
    return result.stdout;
  }

  /** From the developer's memo to the runbook that waits; returns its id. */
  async function prepare(version: string, rollback: string | null): Promise<string> {
    const memo = [
      "memo",
      "new",
      `Deploy shop ${version}`,
      "--to",
      "sysadmin@infra",
      "--type",
      "deployment",
      "--body",
      "-",
    ];
    await vibeops("shop", memo, deploymentMemo(version, port, rollback));
    expect(await vibeops("infra", ["session", "start"])).toContain(`Deploy shop ${version}`);
    const prepared = JSON.parse(
      await vibeops("infra", ["prepare", `deploy-shop-${version.replaceAll(".", "-")}`, "--yes", "--json"]),
    );
    expect(prepared.result.runbook).not.toBeNull();
    await vibeops("infra", ["runbook", "lint", prepared.result.runbook.id]);
    return prepared.result.runbook.id;
  }

  beforeAll(async () => {
    host = await startHost({ healthTimeScale: 0.2 });
    directory = realpathSync(mkdtempSync(join(tmpdir(), "vibeops-main-job-")));
    port = await findFreePort();
    mkdirSync(join(directory, "home"));
    writeFileSync(
      join(directory, "home/.gitconfig"),
      "[user]\n\tname = Pat\n\temail = pat@example.com\n[init]\n\tdefaultBranch = main\n",
    );
    cpSync("examples/shop", join(directory, "shop"), { recursive: true });
    mkdirSync(join(directory, "infra"));
    await vibeops("shop", ["init", "--role", "developer"]);
    await vibeops("infra", ["init", "--role", "sysadmin", "--peer", "../shop", "--yes"]);
    writeFileSync(
      join(directory, "infra/inventory.yaml"),
      `hosts:\n  web1:\n    transport: ssh\n    tier: live\n    runtime: compose\n    directory: /srv\n    host_keys: ["${host.hostKeyFingerprint}"]\n    proxy: { kind: caddy, config: ${host.caddyfile}, sites: ${host.sitesDirectory} }\nservices:\n  shop: { host: web1, path: ../shop }\n`,
    );
    for (const project of ["shop", "infra"]) {
      await git(project, "add", ".");
      await git(project, "commit", "--quiet", "-m", "Begin with vibeops");
    }
    await host.provideBase("docker.io/library/node:20.19.5-bookworm-slim", "node");
    await host.buildImage("localhost/shop:1.2.0", "examples/shop");
    const broken = readFileSync("examples/shop/server.js", "utf8");
    const files = {
      "package.json": '{ "name": "shop", "version": "1.3.0", "type": "module" }',
      "server.js": breakHealth(broken),
    };
    await host.buildImage("localhost/shop:1.3.0", {
      ...files,
      Dockerfile: readFileSync("examples/shop/Dockerfile", "utf8"),
    });
    mkdirSync(host.path("/srv/shop"), { recursive: true });
    // What the runbook asks the person to place before the start.
    writeFileSync(host.path("/srv/shop/shop.env"), "GREETING=Good evening\n", { mode: 0o600 });
  }, 300_000);

  afterAll(async () => {
    await host?.stop();
    if (directory) rmSync(directory, { recursive: true, force: true });
  }, 120_000);

  test("nothing runs without an approval", async () => {
    const runbook = await prepare("1.2.0", null);
    const terminal = operator().type("runbook", "run", runbook);
    expect(await terminal.exited, terminal.screen).toMatchObject({ exitCode: 6 });
    expect(terminal.text).toContain("vibeops runbook approve");
    expect((await host.run("docker ps --quiet")).stdout).toBe("");
  }, 120_000);

  test("a memo becomes a container that answers through Caddy, every live step by hand", async () => {
    const [runbook = ""] = readdirSync(join(directory, "infra/runbooks"));
    await operator().approve(runbook, true);
    const walk = operator().type("runbook", "run", runbook);
    await pressEnterUntil(walk, "Every step is done");
    expect(await walk.exited).toMatchObject({ exitCode: 0 });
    const answer = await host.get("https://shop.example.com/healthz");
    expect(answer.status).toBe(200);
    expect(answer.body).toContain("1.2.0");
    expect((await host.get("https://shop.example.com/")).body).toContain("Good evening");

    await operator().verify(runbook);
    expect(await operator().close(runbook)).toContain("memo archived");
    expect(
      readdirSync(join(directory, "infra/memos/incoming")).filter((name) => name.endsWith(".md")),
    ).toEqual([]);
    const story = await git("infra", "log", "--reverse", "--format=%s");
    expect(story).toMatch(
      /Mail: 1 taken in[\s\S]*Prepare shop 1\.2\.0[\s\S]*Approve runbook[\s\S]*Walk runbook .*: completed[\s\S]*Verify runbook .*: passed[\s\S]*Close runbook[\s\S]*Done: Deploy shop 1\.2\.0/,
    );
    await vibeops("shop", ["session", "start"]);
    expect(await git("shop", "log", "--format=%s")).toContain("receipt filed");
  }, 300_000);

  test("a second version whose check fails is rolled back, and the first one answers again", async () => {
    const runbook = await prepare("1.3.0", "1.2.0");
    await operator().approve(runbook, false);
    const walk = operator().type("runbook", "run", runbook);
    await pressEnterUntil(walk, "What now?");
    await walk.expect(/> $/);
    const key = /\(([a-z])\)oll back|r\(([a-z])\)ll back/.exec(
      walk.screen.slice(walk.screen.lastIndexOf("What now?")),
    );
    walk.type(`${key?.[1] ?? key?.[2] ?? "roll-back"}\r`);
    await walk.expect("Why do you roll back?");
    walk.type("the new version is not healthy\r");
    await pressEnterUntil(walk, "Rolled back.");
    expect(await walk.exited, walk.screen).toMatchObject({ exitCode: 0 });
    const answer = await host.get("https://shop.example.com/healthz");
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.body).toContain("1.2.0");

    const verify = operator().type("runbook", "verify", runbook);
    await verify.expect(/Does the state before it work again\?[\s\S]*> $/, { timeout: 60_000 });
    verify.type("yes\r");
    await verify.expect("What did you look at?");
    verify.type("https://shop.example.com/healthz\r");
    expect(await verify.exited, verify.screen).toMatchObject({ exitCode: 0 });
    const closed = await operator().close(runbook, "--reason", "1.3.0 is not healthy");
    expect(closed).toContain("rolled-back");
    expect(closed).toContain("the memo stays pending");
  }, 400_000);
});

/** The same server, whose health answers 500: the way back must be found with a real failure. */
function breakHealth(server: string): string {
  const broken = server.replace(/"\/healthz"/, '"/nothing-here"');
  if (broken === server) throw new Error("the example's server has no /healthz to break");
  return broken;
}
