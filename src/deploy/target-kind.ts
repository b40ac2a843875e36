import type { DeploymentBlock } from "../memo/deployment.ts";
import type { Place } from "./place.ts";

/** The ways to run a service that there are templates for: templates/deploy/<kind>/. */
export type TargetKind = "compose" | "process" | "static";

/** By the host's `runtime`; what is nothing but files is put behind the proxy of any host. */
export function targetKindOf({ block, place }: { block: DeploymentBlock; place: Place }): TargetKind {
  const artifacts = block.artifacts ?? [];
  const onlyFiles = artifacts.some((one) => "static" in one) && !artifacts.some((one) => "image" in one);
  return onlyFiles ? "static" : place.host.runtime;
}

/** The folder of files that the memo names; undefined where it names none. */
export function staticFolderOf(block: DeploymentBlock): string | undefined {
  return (block.artifacts ?? []).flatMap((one) => ("static" in one ? [one.static] : []))[0];
}
