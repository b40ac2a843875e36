import { Exit, VibeopsError } from "../errors.ts";
import type { DeploymentBlock } from "../memo/deployment.ts";
import { type Dependency, listDependencies } from "./dependencies.ts";

/** A named volume: its key in the Compose file, its name on the host, and where the container sees it. */
export interface NamedVolume {
  readonly key: string;
  readonly name: string;
  readonly path: string;
}

/**
 * Looks whether all containers of a block, and all volumes on the host, have names of their own: where two have one,
 * Compose refuses the file, or each writes over the other's data.
 *
 * @throws VibeopsError `deploy.name`
 */
export function requireOwnNames(block: DeploymentBlock): void {
  const dependencies = listDependencies(block);
  if (dependencies.some(({ name }) => name === block.service))
    throw refuse(`depends_on names the service itself, ${block.service}`, "name what it needs otherwise");
  const own = distinct(listVolumes(block)).map(({ key, name }) => ({ name, what: key }));
  const data = dependencies.flatMap((one) => {
    const volume = findDependencyVolume(block, one);
    return volume === undefined ? [] : [{ name: volume.name, what: `the data of ${one.name}` }];
  });
  const seen = new Map<string, string>();
  for (const { name, what } of [...own, ...data]) {
    const other = seen.get(name);
    if (other !== undefined)
      throw refuse(`${other} and ${what} would both be ${name} on the host`, "rename a volume");
    seen.set(name, what);
  }
}

function refuse(message: string, fix: string): VibeopsError {
  return new VibeopsError({
    code: "deploy.name",
    exit: Exit.invalid,
    message,
    fix: `ask the sender for a corrected memo; ${fix}`,
  });
}

/** A volume that the container sees in two places is one volume. */
function distinct(volumes: readonly NamedVolume[]): NamedVolume[] {
  return volumes.filter(({ key }, i) => volumes.findIndex((other) => other.key === key) === i);
}

/** The service's own. The host's name carries the service's, so that two services may both have `data`. */
export function listVolumes(block: DeploymentBlock): NamedVolume[] {
  return (block.volumes ?? []).map(({ name, path }) => {
    const own =
      name === block.service || name.startsWith(`${block.service}-`) || name.startsWith(`${block.service}_`);
    return { key: name, name: own ? name : `${block.service}_${name}`, path };
  });
}

/** Where a dependency keeps its data; undefined where its image is not known. */
export function findDependencyVolume(
  block: DeploymentBlock,
  { name, known }: Dependency,
): NamedVolume | undefined {
  if (known === undefined) return undefined;
  const key = `${name}-data`;
  return { key, name: `${block.service}_${key}`, path: known.data };
}

/** The service's own and those of what runs beside it. */
export function listAllVolumes(block: DeploymentBlock): NamedVolume[] {
  const others = listDependencies(block).map((dependency) => findDependencyVolume(block, dependency));
  return [...distinct(listVolumes(block)), ...others.filter((volume) => volume !== undefined)];
}

/** Whether there is data to lose, as far as the memo says. */
export function keepsData(block: DeploymentBlock): boolean {
  return block.data?.stateful === true || listAllVolumes(block).length > 0;
}
