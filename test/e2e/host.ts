import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, CADDY_MOUNTS, type CaddyPorts, configureCaddy, getThroughCaddy } from "./caddy.ts";
import { configureEngine, ENGINE_ENVIRONMENT, ENGINE_MOUNTS } from "./engine.ts";
import { findFreePort } from "./free-port.ts";
import { type Base, DOCKERFILES, layOutBase, type PlainBase, STARTS } from "./image-files.ts";
import { canIsolate, type Part } from "./missing-components.ts";
import { type HostNetwork, makeNetwork, removalCommand } from "./network.ts";
import { type Outcome, runProcess } from "./processes.ts";
import { configureSsh } from "./sshd.ts";
import { configureSystem } from "./system.ts";

export interface HostOptions {
  /**
   * What the host has. `sshd` alone works for an ordinary user too. `sshd`, `engine` and `caddy` unless told. With
   * `system` it has /etc, /home and /var/lib of its own, copies of this machine's, and an sshd that can be configured.
   * With `network` it has an address of its own, all ports, a firewall of its own, and Caddy on 80 and 443.
   */
  parts?: readonly Part[];
  /** The name that `ssh` knows it by. `web1` unless told. */
  alias?: string;
  /** Multiplies how long `up --wait` gives a failing health check; 0.1 makes tests of failures ten times shorter. */
  healthTimeScale?: number;
}

/** A real host on this machine: OpenSSH's server, a container engine with `docker compose`, Caddy. */
export interface Host {
  /** Everything of it lies in here, on this machine. */
  directory: string;
  alias: string;
  /** 127.0.0.1 unless it has a network of its own. */
  address: string;
  sshPort: number;
  sshConfig: string;
  knownHosts: string;
  hostKeyFingerprint: string;
  /** The operator's environment: `ssh` and `scp` that know the host come first in its PATH, and a home of its own. */
  operatorEnv: Record<string, string>;
  /** Where a path on the host lies on this machine. On a host that is not isolated: the same path. */
  path(onHost: string): string;
  /** Paths on the host. */
  caddyfile: string;
  sitesDirectory: string;
  httpsPort: number;
  /** Runs a shell command on the host through ssh; never throws for its exit code. */
  run(command: string, input?: string): Promise<Outcome>;
  /** Gets an https URL of any name from the host's Caddy. */
  get(url: string): Promise<Answer>;
  /**
   * Builds an image on the host from a folder or from files, by their `Dockerfile`; without one the files are
   * served by BusyBox or run with Node.js as `server.js`.
   */
  buildImage(tag: string, files: string | Readonly<Record<string, string>>, base?: PlainBase): Promise<void>;
  /** Makes a base image under any name, so that a `Dockerfile` which says `FROM node:…` builds without a registry. */
  provideBase(tag: string, base: Base): Promise<void>;
  /** What the host's services and its teardown wrote. */
  readLogs(): string;
  stop(): Promise<void>;
}

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const HOST_MOUNTS = ["/srv", "/var/log", "/var/tmp"];

export async function startHost(options: HostOptions = {}): Promise<Host> {
  const parts = options.parts ?? ["sshd", "engine", "caddy"];
  const alias = options.alias ?? "web1";
  const isolated = canIsolate();
  if (!isolated && parts.some((part) => part !== "sshd")) {
    throw new Error("a host with more than sshd needs root, for namespaces of its own");
  }
  const directory = mkdtempSync(join(tmpdir(), "vibeops-e2e-"));
  chmodSync(directory, 0o755);
  const path = (onHost: string): string => (isolated ? join(directory, "root", onHost) : onHost);
  const userHome = homedir();
  const network = parts.includes("network") ? makeNetwork() : undefined;
  const address = network?.address ?? "127.0.0.1";
  const ports = await choosePorts(network);
  const scale = options.healthTimeScale ?? 1;

  for (const name of ["bin", "log", "operator/home", "contexts"]) {
    mkdirSync(join(directory, name), { recursive: true });
  }
  const environment = {
    PATH: `${join(directory, "bin")}:${PATH}`,
    ...(parts.includes("engine") ? ENGINE_ENVIRONMENT : {}),
    ...(scale === 1 ? {} : { COMPOSE_STAND_IN_TIME_SCALE: String(scale) }),
  };
  const ssh = configureSsh(
    directory,
    alias,
    { address, port: ports.ssh },
    environment,
    parts.includes("system"),
  );
  if (parts.includes("system")) configureSystem(directory);
  if (parts.includes("engine")) await configureEngine(directory);
  if (parts.includes("caddy"))
    configureCaddy(directory, path(userHome), userHome, ports, network !== undefined);
  writeFileSync(join(directory, "mounts"), `${listMounts(parts, userHome).join("\n")}\n`);
  writeFileSync(join(directory, "home"), userHome);

  const init = startInit(directory, isolated, network);
  const run = (command: string, input?: string): Promise<Outcome> =>
    runProcess(join(ssh.bin, "ssh"), [alias, command], input);
  const host: Host = {
    directory,
    alias,
    address,
    sshPort: ports.ssh,
    sshConfig: ssh.sshConfig,
    knownHosts: ssh.knownHosts,
    hostKeyFingerprint: ssh.hostKeyFingerprint,
    operatorEnv: composeOperatorEnv(directory, ssh.bin),
    path,
    caddyfile: "/etc/caddy/Caddyfile",
    sitesDirectory: "/etc/caddy/sites",
    httpsPort: ports.https,
    run,
    get: (url) => getThroughCaddy(url, path(userHome), { host: address, port: ports.https }),
    buildImage: (tag, files, base = "busybox") => buildImage(host, tag, files, base),
    provideBase: (tag, base) => provideBase(host, tag, base),
    readLogs: () => readLogs(directory),
    stop: () => stopInit(init, directory),
  };
  try {
    await waitUntilReady(host, init, parts);
    return host;
  } catch (error) {
    const logs = host.readLogs();
    await host.stop();
    throw new Error(`the test host did not start: ${String(error)}\n${logs}`);
  }
}

function listMounts(parts: readonly Part[], userHome: string): string[] {
  return [
    ...HOST_MOUNTS,
    userHome,
    ...(parts.includes("engine") ? ENGINE_MOUNTS : []),
    ...(parts.includes("caddy") ? CADDY_MOUNTS : []),
  ];
}

async function choosePorts(network: HostNetwork | undefined): Promise<CaddyPorts & { ssh: number }> {
  const ssh = await findFreePort();
  if (network !== undefined) return { ssh, http: 80, https: 443 };
  return { ssh, http: await findFreePort(), https: await findFreePort() };
}

/**
 * Starts the host's first process. It outlives a test that dies only for as long as it takes to clean up: the
 * pipe to it closes, it ends everything on the host, and the shell around it removes the directory.
 */
function startInit(directory: string, isolated: boolean, network: HostNetwork | undefined): ChildProcess {
  const init = join(import.meta.dirname, "init.sh");
  const namespaces = "unshare --mount --pid --fork --kill-child --mount-proc --propagation private";
  const within = network === undefined ? "" : `nsenter --net=/run/netns/${network.namespace} `;
  const command = isolated ? `${within}${namespaces} sh "$1" "$2" isolated` : `sh "$1" "$2" plain`;
  const after = network === undefined ? "" : `; ${removalCommand(network)}`;
  const log = openSync(join(directory, "log/init.log"), "a");
  const child = spawn("sh", ["-c", `${command}; rm -rf "$2"${after}`, "sh", init, directory], {
    detached: true,
    stdio: ["pipe", log, log],
  });
  closeSync(log);
  return child;
}

async function stopInit(init: ChildProcess, directory: string): Promise<void> {
  if (init.exitCode === null && init.signalCode === null) {
    const ended = once(init, "exit");
    init.stdin?.end();
    // A teardown that hangs is cut short: the kernel ends an isolated host together with its first process.
    const impatience = setTimeout(() => init.pid && process.kill(-init.pid, "SIGKILL"), 60_000);
    await ended;
    clearTimeout(impatience);
  }
  rmSync(directory, { recursive: true, force: true });
}

async function waitUntilReady(host: Host, init: ChildProcess, parts: readonly Part[]): Promise<void> {
  const attempt = async (): Promise<void> => {
    const outcome = await host.run("true");
    if (outcome.exitCode !== 0) throw new Error(outcome.stderr);
    if (parts.includes("caddy")) await host.get("https://localhost/");
  };
  for (let left = 100; ; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (left === 0 || init.exitCode !== null) throw error;
      await sleep(100);
    }
  }
}

function composeOperatorEnv(directory: string, bin: string): Record<string, string> {
  const home = join(directory, "operator/home");
  return {
    PATH: `${bin}:${dirname(process.execPath)}:${process.env.PATH ?? PATH}`,
    HOME: home,
    LANG: "C.UTF-8",
    TERM: "xterm-256color",
    TZ: "UTC",
  };
}

async function buildImage(
  host: Host,
  tag: string,
  files: string | Readonly<Record<string, string>>,
  base: PlainBase,
): Promise<void> {
  const context = mkdtempSync(join(host.directory, "contexts/"));
  if (typeof files === "string") cpSync(files, context, { recursive: true });
  else {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(context, name)), { recursive: true });
      writeFileSync(join(context, name), text);
    }
  }
  chmodSync(context, 0o755);
  let dockerfile = join(context, "Dockerfile");
  if (!existsSync(dockerfile)) {
    await provideBase(host, `localhost/base-${base}`, base);
    dockerfile = `${context}.Dockerfile`;
    writeFileSync(dockerfile, DOCKERFILES[base]);
  }
  await runOrThrow(host, `docker build --quiet --tag ${tag} --file ${dockerfile} ${context}`);
}

async function provideBase(host: Host, tag: string, base: Base): Promise<void> {
  const own = `localhost/base-${base}:latest`;
  if ((await host.run(`podman image exists ${own}`)).exitCode !== 0) {
    const context = mkdtempSync(join(host.directory, "contexts/"));
    layOutBase(base, join(context, "root"));
    const path = "/usr/local/bin:/usr/sbin:/usr/bin:/bin";
    writeFileSync(
      join(context, "Dockerfile"),
      `FROM scratch\nCOPY root/ /\nENV PATH=${path}\n${STARTS[base] ?? 'CMD ["/bin/sh"]'}\n`,
    );
    await runOrThrow(host, `docker build --quiet --tag ${own} ${context}`);
    rmSync(context, { recursive: true });
  }
  await runOrThrow(host, `podman tag ${own} ${tag}`);
}

async function runOrThrow(host: Host, command: string): Promise<void> {
  const { exitCode, stdout, stderr } = await host.run(command);
  if (exitCode !== 0) throw new Error(`${command} exited ${exitCode}\n${stdout}${stderr}`);
}

function readLogs(directory: string): string {
  return ["init.log", "sshd.log", "caddy.log", "teardown.log"]
    .map((name) => join(directory, "log", name))
    .filter((path) => existsSync(path))
    .map((path) => `--- ${path}\n${readFileSync(path, "utf8")}`)
    .join("\n");
}
