import { ComposeError } from "./compose-error.ts";
import { type Container, listContainers } from "./containers.ts";
import { composeArguments, withDocument } from "./handover.ts";
import { compileHealthcheck } from "./healthcheck.ts";
import { type Image, pullImage } from "./images.ts";
import { capture, podman, readFailure } from "./podman.ts";
import type { Project } from "./project.ts";
import { planServices, type Service } from "./service.ts";
import { type Goal, waitForContainers } from "./wait.ts";

export interface UpOptions {
  services: string[];
  forceRecreate: boolean;
  noRecreate: boolean;
  removeOrphans: boolean;
  noDependencies: boolean;
  pull?: string;
  wait: boolean;
  /** In milliseconds. */
  waitTimeout?: number;
  timeScale: number;
  report: (text: string) => void;
}

export async function bringUp(project: Project, options: UpOptions): Promise<void> {
  const services = chooseServices(planServices(project), options);
  const before = await listContainers(project.name);
  await treatOrphans(project, before, options);
  await checkExternals(services);
  for (const service of services) {
    const existing = before.find((container) => container.service === service.name);
    const policy = options.pull ?? service.pullPolicy;
    const image = await pullImage(service.image, policy, (text) =>
      options.report(` ${service.name} ${text}`),
    );
    await awaitDependencies(project, service, options);
    await bringUpService(project, service, image, existing, options);
  }
  if (!options.wait) return;
  const containers = (await listContainers(project.name)).filter((container) =>
    services.some((service) => service.name === container.service),
  );
  await waitForContainers(
    containers.map((container) => container.id),
    "running-or-healthy",
    {
      timeScale: options.timeScale,
      ...(options.waitTimeout === undefined ? {} : { timeout: options.waitTimeout }),
      onReached: (container) =>
        options.report(` Container ${container.name}  ${container.healthcheck ? "Healthy" : "Running"}`),
    },
  );
}

function chooseServices(services: Service[], options: UpOptions): Service[] {
  if (options.services.length === 0) return services;
  const wanted = new Set<string>();
  const want = (name: string): void => {
    const service = services.find((one) => one.name === name);
    if (!service) throw new ComposeError(`no such service: ${name}`);
    wanted.add(name);
    if (!options.noDependencies) for (const dependency of service.dependencies) want(dependency.service);
  };
  for (const name of options.services) want(name);
  return services.filter((service) => wanted.has(service.name));
}

/** podman would make an external volume that is missing; the real one refuses. */
async function checkExternals(services: Service[]): Promise<void> {
  for (const kind of ["network", "volume"] as const) {
    const declared = services.flatMap((service) =>
      Object.values(service.document[`${kind}s`] as Record<string, { name: string; external?: boolean }>),
    );
    for (const { name, external } of declared) {
      if (external === true && (await capture("podman", [kind, "exists", name])).exitCode !== 0) {
        throw new ComposeError(`${kind} ${name} declared as external, but could not be found`);
      }
    }
  }
}

async function treatOrphans(project: Project, containers: Container[], options: UpOptions): Promise<void> {
  const orphans = containers.filter((container) => !(container.service in project.services));
  if (orphans.length === 0) return;
  if (options.removeOrphans) {
    for (const orphan of orphans) await removeContainer(orphan, options.report);
    return;
  }
  options.report(
    `Found orphan containers ([${orphans.map((orphan) => orphan.name).join(" ")}]) for this project. ` +
      "If you removed or renamed this service in your compose file, you can run this command with the " +
      "--remove-orphans flag to clean it up.",
  );
}

async function awaitDependencies(project: Project, service: Service, options: UpOptions): Promise<void> {
  const goals: Readonly<Record<string, Goal>> = {
    service_healthy: "healthy",
    service_completed_successfully: "completed",
  };
  for (const dependency of options.noDependencies ? [] : service.dependencies) {
    const goal = goals[dependency.condition];
    const container = (await listContainers(project.name)).find((one) => one.service === dependency.service);
    if (goal === undefined || container === undefined) continue;
    try {
      await waitForContainers([container.id], goal, { timeScale: options.timeScale, onReached: () => {} });
    } catch (error) {
      if (dependency.required) {
        throw new ComposeError(
          `dependency failed to start: ${error instanceof Error ? error.message : error}`,
        );
      }
    }
  }
}

async function bringUpService(
  project: Project,
  service: Service,
  image: Image,
  existing: Container | undefined,
  options: UpOptions,
): Promise<void> {
  const current = existing !== undefined && existing.hash === service.hash && existing.imageId === image.id;
  if (existing && (options.noRecreate || (current && !options.forceRecreate))) {
    if (existing.status === "running") return options.report(` Container ${existing.name}  Running`);
    await podman("start", existing.id);
    return options.report(` Container ${existing.name}  Started`);
  }
  if (existing) {
    options.report(` Container ${existing.name}  Recreate`);
    await podman("stop", existing.id);
    await podman("rm", "--force", existing.id);
  }
  await create(project, service, image);
  options.report(` Container ${service.container}  Started`);
}

/** Hands one service to podman-compose, which makes its networks and volumes and runs its container. */
async function create(project: Project, service: Service, image: Image): Promise<void> {
  const runArguments = [
    ...service.runArguments,
    ...compileHealthcheck(service.healthcheck, image.healthcheck),
  ];
  await withDocument(service.container, addLabels(service, image), async (file) => {
    const outcome = await capture("podman-compose", [
      ...composeArguments(project, file, runArguments),
      ...["up", "--no-build", "--detach"],
    ]);
    // podman-compose exits 0 whatever podman said, and by its own failures leaves a Python traceback.
    const container = (await listContainers(project.name)).find((one) => one.service === service.name);
    if (container === undefined || !["running", "exited", "stopped"].includes(container.status)) {
      throw new ComposeError(readFailure(outcome.stderr));
    }
  });
}

function addLabels(service: Service, image: Image): unknown {
  const definition = (service.document.services as Record<string, Record<string, unknown>>)[service.name];
  const labels = {
    ...(definition?.labels as Record<string, string>),
    "com.docker.compose.config-hash": service.hash,
    "com.docker.compose.image": image.id,
  };
  return { ...service.document, services: { [service.name]: { ...definition, labels } } };
}

async function removeContainer(container: Container, report: (text: string) => void): Promise<void> {
  await podman("stop", container.id);
  await podman("rm", "--force", container.id);
  report(` Container ${container.name}  Removed`);
}
