import { ComposeError } from "./compose-error.ts";
import { type Container, listContainers } from "./containers.ts";
import type { Flags } from "./flags.ts";
import { capture, podman } from "./podman.ts";
import type { Project } from "./project.ts";
import { isHealthy } from "./wait.ts";

type Print = (text: string) => void;

export async function printServices(
  project: Project,
  flags: Flags,
  names: string[],
  print: Print,
): Promise<number> {
  const statuses = [...readList(flags.status), ...readList(flags.filter).map(statusOf)];
  const shown = (await listContainers(project.name)).filter(
    (container) =>
      (names.length === 0 || names.includes(container.service)) &&
      (statuses.length > 0
        ? statuses.includes(container.status)
        : flags.all === true || container.status === "running"),
  );
  // Nothing else runs the checks on a host without systemd.
  for (const container of shown) {
    if (container.healthcheck && container.status === "running" && (await isHealthy(container))) {
      container.health = "healthy";
    }
  }
  if (flags.quiet === true)
    printLines(
      shown.map((one) => one.id),
      print,
    );
  else if (flags.services === true)
    printLines(
      shown.map((one) => one.service),
      print,
    );
  else if (flags.format === "json") printLines(shown.map(renderJson), print);
  else printTable(["NAME", "IMAGE", "SERVICE", "STATUS", "PORTS"], shown.map(renderRow), print);
  return 0;
}

export async function printLogs(
  project: Project,
  flags: Flags,
  names: string[],
  print: Print,
): Promise<number> {
  const unknown = names.find((name) => !(name in project.services));
  if (unknown !== undefined) throw new ComposeError(`no such service: ${unknown}`);
  const options = [
    ...(flags.timestamps === true ? ["--timestamps"] : []),
    ...(typeof flags.tail === "string" && flags.tail !== "all" ? ["--tail", flags.tail] : []),
    ...(typeof flags.since === "string" ? ["--since", flags.since] : []),
  ];
  for (const container of await listContainers(project.name)) {
    if (names.length > 0 && !names.includes(container.service)) continue;
    const { stdout, stderr } = await capture("podman", ["logs", ...options, container.id]);
    const prefix = flags["no-log-prefix"] === true ? "" : `${container.service}-1  | `;
    const lines = `${stdout}${stderr}`.split("\n").slice(0, -1);
    printLines(
      lines.map((line) => prefix + line),
      print,
    );
  }
  return 0;
}

export async function printImages(project: Project, print: Print): Promise<number> {
  const rows = (await listContainers(project.name)).map((container) => {
    const at = container.image.lastIndexOf(":");
    const id = container.imageId.replace("sha256:", "").slice(0, 12);
    return [container.name, container.image.slice(0, at), container.image.slice(at + 1), id];
  });
  printTable(["CONTAINER", "REPOSITORY", "TAG", "IMAGE ID"], rows, print);
  return 0;
}

export async function printProjects(print: Print): Promise<number> {
  const label = '{{index .Labels "com.docker.compose.project"}}';
  const names = (await podman("ps", "--format", label)).split("\n").filter(Boolean);
  const rows = [...new Set(names)].map((name) => [
    name,
    `running(${names.filter((n) => n === name).length})`,
  ]);
  printTable(["NAME", "STATUS"], rows, print);
  return 0;
}

function renderJson(container: Container): string {
  return JSON.stringify({
    Command: container.command.join(" "),
    ExitCode: container.exitCode,
    Health: container.health ?? "",
    ID: container.id,
    Image: container.image,
    Name: container.name,
    Project: container.project,
    Publishers: Object.entries(container.ports).flatMap(([target, bindings]) =>
      (bindings ?? []).map((binding) => ({
        URL: binding.HostIp,
        TargetPort: Number.parseInt(target, 10),
        PublishedPort: Number(binding.HostPort),
        Protocol: target.split("/")[1] ?? "tcp",
      })),
    ),
    Service: container.service,
    State: container.status,
    Status: renderStatus(container),
  });
}

function renderRow(container: Container): string[] {
  const ports = Object.entries(container.ports).flatMap(([target, bindings]) =>
    (bindings ?? []).map((binding) => `${binding.HostIp}:${binding.HostPort}->${target}`),
  );
  return [container.name, container.image, container.service, renderStatus(container), ports.join(", ")];
}

function renderStatus(container: Container): string {
  if (container.status !== "running") return `Exited (${container.exitCode})`;
  return container.health === undefined ? "Up" : `Up (${container.health})`;
}

function printLines(lines: string[], print: Print): void {
  for (const line of lines) print(line);
}

function printTable(header: string[], rows: string[][], print: Print): void {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? "").length)),
  );
  for (const row of [header, ...rows]) {
    print(
      row
        .map((cell, column) => cell.padEnd((widths[column] ?? 0) + 3))
        .join("")
        .trimEnd(),
    );
  }
}

function readList(value: Flags[string]): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** `--filter` of `docker compose ps` knows only the status. */
function statusOf(filter: string): string {
  const status = /^status=(.+)$/.exec(filter)?.[1];
  if (status === undefined) throw new ComposeError(`unknown filter ${filter}`);
  return status;
}
