import { ComposeError, notCarriedOut } from "./compose-error.ts";
import { listContainers } from "./containers.ts";
import { bringDown } from "./down.ts";
import { type Flags, parseFlags, readGlobalFlags } from "./flags.ts";
import { pullImage } from "./images.ts";
import { passThrough, podman } from "./podman.ts";
import { printImages, printLogs, printProjects, printServices } from "./print.ts";
import { type Project, type ProjectOptions, readProject } from "./project.ts";
import { runInNewContainer } from "./run.ts";
import { planServices } from "./service.ts";
import { bringUp } from "./up.ts";

type Command = (project: Project, flags: Flags, names: string[]) => Promise<number>;

const COMMANDS: Readonly<Record<string, Command>> = {
  config: runConfig,
  down: runDown,
  exec: runExec,
  images: runImages,
  kill: (project, flags, names) => runOnContainers("kill", project, flags, names),
  logs: runLogs,
  ps: runPs,
  pull: runPull,
  run: runOnce,
  restart: (project, flags, names) => runOnContainers("restart", project, flags, names),
  start: (project, flags, names) => runOnContainers("start", project, flags, names),
  stop: (project, flags, names) => runOnContainers("stop", project, flags, names),
  up: runUp,
};

/** Carries out `docker compose` with these arguments and returns its exit code. */
export async function runCompose(args: string[]): Promise<number> {
  const { options, command, rest } = readGlobalFlags(args);
  if (command === "version") {
    print("Docker Compose version v2.99.0 (a stand-in on podman-compose)");
    return 0;
  }
  if (command === "ls") return printProjects(print);
  const run = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined;
  if (run === undefined) throw notCarriedOut(`docker compose ${command}`);
  const { flags, names } = parseFlags(command, rest);
  return run(await openProject(options), flags, names);
}

async function openProject(options: ProjectOptions): Promise<Project> {
  return readProject(options, process.env, (text) => report(`WARN[0000] ${text}`));
}

async function runConfig(project: Project, flags: Flags): Promise<number> {
  const services = planServices(project);
  if (flags.quiet === true) return 0;
  if (flags.services === true) print(services.map((service) => service.name).join("\n"));
  else if (flags.images === true) print(services.map((service) => service.image).join("\n"));
  else if (flags.volumes === true) print(Object.keys(project.volumes).join("\n"));
  else if (flags.format === "json") print(JSON.stringify(project, undefined, 2));
  else
    throw notCarriedOut(
      "docker compose config without --quiet, --services, --images, --volumes or --format json",
    );
  return 0;
}

async function runPull(project: Project, flags: Flags, names: string[]): Promise<number> {
  for (const service of planServices(project)) {
    if (names.length > 0 && !names.includes(service.name)) continue;
    const policy = readString(flags.policy) ?? "always";
    await pullImage(service.image, policy, (text) => report(` ${service.name} ${text}`));
    report(` ${service.name} Pulled`);
  }
  return 0;
}

async function runUp(project: Project, flags: Flags, names: string[]): Promise<number> {
  if (flags.detach !== true && flags.wait !== true) {
    throw notCarriedOut("docker compose up without --detach");
  }
  const timeout = readString(flags["wait-timeout"]);
  const pull = readString(flags.pull);
  await bringUp(project, {
    services: names,
    forceRecreate: flags["force-recreate"] === true,
    noRecreate: flags["no-recreate"] === true,
    removeOrphans: flags["remove-orphans"] === true,
    noDependencies: flags["no-deps"] === true,
    wait: flags.wait === true,
    timeScale: Number(process.env.COMPOSE_STAND_IN_TIME_SCALE ?? 1),
    report,
    ...(pull === undefined ? {} : { pull }),
    ...(timeout === undefined ? {} : { waitTimeout: Number(timeout) * 1000 }),
  });
  return 0;
}

async function runDown(project: Project, flags: Flags): Promise<number> {
  const timeout = readString(flags.timeout);
  await bringDown(project, {
    removeOrphans: flags["remove-orphans"] === true,
    volumes: flags.volumes === true,
    report,
    ...(timeout === undefined ? {} : { timeout: Number(timeout) }),
  });
  return 0;
}

async function runPs(project: Project, flags: Flags, names: string[]): Promise<number> {
  return printServices(project, flags, names, print);
}

async function runLogs(project: Project, flags: Flags, names: string[]): Promise<number> {
  return printLogs(project, flags, names, print);
}

async function runImages(project: Project): Promise<number> {
  return printImages(project, print);
}

async function runExec(project: Project, flags: Flags, [name, ...command]: string[]): Promise<number> {
  const container = (await listContainers(project.name)).find((one) => one.service === name);
  if (container?.status !== "running") throw new ComposeError(`service "${name}" is not running`);
  const options = [
    ...(flags["no-TTY"] === true || !process.stdout.isTTY ? [] : ["--tty"]),
    ...["user", "workdir"].flatMap((flag) => {
      const value = readString(flags[flag]);
      return value === undefined ? [] : [`--${flag}`, value];
    }),
    ...readStrings(flags.env).flatMap((pair) => ["--env", pair]),
  ];
  return passThrough("podman", ["exec", "--interactive", ...options, container.id, ...command]);
}

async function runOnce(project: Project, flags: Flags, [name = "", ...command]: string[]): Promise<number> {
  if (flags.rm !== true || flags["no-deps"] !== true || flags["no-TTY"] !== true) {
    throw notCarriedOut("docker compose run without --rm, --no-deps and --no-TTY");
  }
  return await runInNewContainer(project, name, command);
}

async function runOnContainers(
  action: "kill" | "restart" | "start" | "stop",
  project: Project,
  flags: Flags,
  names: string[],
): Promise<number> {
  const timeout = readString(flags.timeout);
  const unknown = names.find((name) => !(name in project.services));
  if (unknown !== undefined) throw new ComposeError(`no such service: ${unknown}`);
  for (const container of await listContainers(project.name)) {
    if (names.length > 0 && !names.includes(container.service)) continue;
    if (timeout !== undefined) await podman(action, "--time", String(Number(timeout)), container.id);
    else await podman(action, container.id);
    const done = { kill: "Killed", restart: "Restarted", start: "Started", stop: "Stopped" };
    report(` Container ${container.name}  ${done[action]}`);
  }
  return 0;
}

function readString(value: Flags[string]): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function readStrings(value: Flags[string]): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function report(text: string): void {
  process.stderr.write(`${text}\n`);
}
