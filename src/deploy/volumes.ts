import type { DeploymentBlock } from "../memo/deployment.ts";
import { type Dependency, listDependencies } from "./dependencies.ts";

/** A named volume: its key in the Compose file, its name on the host, and where the container sees it. */
export interface NamedVolume {
  readonly key: string;
  readonly name: string;
  readonly path: string;
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
  return [...listVolumes(block), ...others.filter((volume) => volume !== undefined)];
}

/** Whether there is data to lose, as far as the memo says. */
export function keepsData(block: DeploymentBlock): boolean {
  return block.data?.stateful === true || listAllVolumes(block).length > 0;
}
