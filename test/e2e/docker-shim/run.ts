import { ComposeError } from "./compose-error.ts";
import { composeArguments, withDocument } from "./handover.ts";
import { passThrough, podman } from "./podman.ts";
import type { Project } from "./project.ts";
import { planServices } from "./service.ts";

/** `docker compose run --rm --no-deps --no-TTY`: a container of its own, without name, ports and restarts. */
export async function runInNewContainer(
  project: Project,
  name: string,
  command: readonly string[],
): Promise<number> {
  const service = planServices(project).find((one) => one.name === name);
  if (service === undefined) throw new ComposeError(`no such service: ${name}`);
  const definitions = service.document.services as Record<string, Record<string, unknown>>;
  const { container_name, ports, restart, ...definition } = definitions[name] ?? {};
  const document = { ...service.document, services: { [name]: definition } };
  const container = `${project.name}-${name}-run-${process.pid}`;
  return await withDocument(container, document, async (file) => {
    await passThrough("podman-compose", [
      ...composeArguments(project, file, service.runArguments),
      ...["run", "--no-deps", "-T", "--name", container, name, ...command],
    ]);
    // podman-compose keeps the exit code to itself.
    const code = Number(await podman("inspect", "--format", "{{.State.ExitCode}}", container));
    await podman("rm", "--force", container);
    return code;
  });
}
