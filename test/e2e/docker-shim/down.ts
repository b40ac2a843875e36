import { listContainers } from "./containers.ts";
import { podman } from "./podman.ts";
import type { Project } from "./project.ts";

export interface DownOptions {
  removeOrphans: boolean;
  volumes: boolean;
  /** In seconds. */
  timeout?: number;
  report: (text: string) => void;
}

/** Stops and removes the project's containers and its networks; its named volumes only when asked to. */
export async function bringDown(project: Project, options: DownOptions): Promise<void> {
  const containers = await listContainers(project.name);
  const known = containers.filter((one) => options.removeOrphans || one.service in project.services);
  const time = options.timeout === undefined ? [] : ["--time", String(options.timeout)];
  for (const container of known.reverse()) {
    await podman("stop", ...time, container.id);
    await podman("rm", "--force", container.id);
    options.report(` Container ${container.name}  Removed`);
  }
  if (known.length === containers.length) await removeByLabel("network", project, options);
  if (options.volumes) await removeByLabel("volume", project, options);
}

async function removeByLabel(
  kind: "network" | "volume",
  project: Project,
  options: DownOptions,
): Promise<void> {
  const filter = `label=com.docker.compose.project=${project.name}`;
  const names = (await podman(kind, "ls", "--quiet", "--filter", filter)).split("\n").filter(Boolean);
  for (const name of names) {
    await podman(kind, "rm", name);
    options.report(` ${kind === "network" ? "Network" : "Volume"} ${name}  Removed`);
  }
}
