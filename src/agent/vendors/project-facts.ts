import type { GuardFacts } from "../../guard/facts.ts";
import { loadInventory } from "../../project/inventory.ts";
import { loadProject } from "../../project/project.ts";

/** What a project says that decides what a command touches. */
export type ProjectFacts = Required<Pick<GuardFacts, "hosts" | "scripts">>;

/** @throws VibeopsError where vibeops.yaml or inventory.yaml is not well-formed */
export function readProjectFacts(root: string): ProjectFacts {
  const project = loadProject(root);
  const { inventory } = loadInventory(project);
  const hosts = Object.entries(inventory.hosts).map(([name, { address, tier }]) => ({
    name,
    tier,
    ...(address === undefined ? {} : { address }),
  }));
  return { hosts, scripts: Object.values(project.config.commands) };
}
