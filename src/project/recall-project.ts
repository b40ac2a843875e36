import { type FactCache, stampOf } from "../platform/fact-cache.ts";
import { PROJECT_FILE } from "./discovery.ts";
import { NAME_PATTERN } from "./names.ts";

/** What a list of projects says of each. */
export interface ProjectFact {
  readonly name: string;
  readonly roles: readonly string[];
}

/**
 * Name and roles of the project in this folder. Where its vibeops.yaml is what the cache knows, it is not read again,
 * and what reads it is not even loaded.
 *
 * @throws VibeopsError as `loadProject`
 */
export async function recallProject(root: string, cache: FactCache): Promise<ProjectFact> {
  const file = `${root}/${PROJECT_FILE}`;
  const stamp = stampOf(file);
  const known = cache.find(file, stamp, isProjectFact);
  if (known !== undefined) return known;
  const { loadProject } = await import("./project.ts");
  const { name, config } = loadProject(root);
  const fact = { name, roles: Object.keys(config.agents) };
  cache.keep(file, stamp, fact);
  return fact;
}

function isProjectFact(value: unknown): value is ProjectFact {
  if (typeof value !== "object" || value === null) return false;
  const { name, roles } = value as Partial<ProjectFact>;
  return isName(name) && Array.isArray(roles) && roles.every(isName);
}

function isName(value: unknown): value is string {
  return typeof value === "string" && NAME_PATTERN.test(value);
}
