import { podman } from "./podman.ts";

/** A container as it is now. Times are in milliseconds. */
export interface Container {
  id: string;
  name: string;
  service: string;
  project: string;
  image: string;
  imageId: string;
  hash: string;
  status: string;
  exitCode: number;
  restartPolicy: string;
  created: string;
  command: string[];
  ports: Record<string, { HostIp: string; HostPort: string }[] | null>;
  health?: string;
  healthcheck?: { interval: number; startPeriod: number; retries: number };
}

interface Inspected {
  Id: string;
  Name: string;
  Image: string;
  ImageName: string;
  Created: string;
  Path: string;
  Args: string[];
  State: { Status: string; ExitCode: number; Health?: { Status: string } };
  Config: {
    Labels: Record<string, string> | null;
    Healthcheck?: { Test?: string[]; Interval?: number; StartPeriod?: number; Retries?: number };
  };
  HostConfig: { RestartPolicy: { Name: string } };
  NetworkSettings: { Ports: Container["ports"] | null };
}

const NANOSECONDS = 1e6;

/** All containers of a project, running or not. */
export async function listContainers(project: string): Promise<Container[]> {
  const filter = `label=com.docker.compose.project=${project}`;
  const ids = (await podman("ps", "--all", "--quiet", "--no-trunc", "--filter", filter)).split("\n");
  return inspectContainers(ids.filter(Boolean));
}

export async function inspectContainers(ids: readonly string[]): Promise<Container[]> {
  if (ids.length === 0) return [];
  const inspected = JSON.parse(await podman("inspect", "--type", "container", ...ids)) as Inspected[];
  return inspected.map(readContainer).sort((one, other) => one.name.localeCompare(other.name));
}

function readContainer(inspected: Inspected): Container {
  const labels = inspected.Config.Labels ?? {};
  const check = inspected.Config.Healthcheck;
  const checked = check?.Test !== undefined && check.Test[0] !== "NONE";
  return {
    id: inspected.Id,
    name: inspected.Name,
    service: labels["com.docker.compose.service"] ?? "",
    project: labels["com.docker.compose.project"] ?? "",
    image: inspected.ImageName,
    imageId: inspected.Image,
    hash: labels["com.docker.compose.config-hash"] ?? "",
    status: inspected.State.Status,
    exitCode: inspected.State.ExitCode,
    restartPolicy: inspected.HostConfig.RestartPolicy.Name,
    created: inspected.Created,
    command: [inspected.Path, ...inspected.Args],
    ports: inspected.NetworkSettings.Ports ?? {},
    ...(checked
      ? {
          health: inspected.State.Health?.Status ?? "starting",
          healthcheck: {
            interval: (check.Interval || 30_000 * NANOSECONDS) / NANOSECONDS,
            startPeriod: (check.StartPeriod ?? 0) / NANOSECONDS,
            retries: check.Retries || 3,
          },
        }
      : {}),
  };
}
