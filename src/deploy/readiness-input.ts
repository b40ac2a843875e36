import { relative } from "node:path";
import { VibeopsError } from "../errors.ts";
import type { Deployment } from "../memo/deployment.ts";
import type { Context } from "../platform/context.ts";
import { loadInventory } from "../project/inventory.ts";
import type { Project } from "../project/project.ts";
import { templateText } from "../project/templates.ts";
import { choosePlace, type Place } from "./place.ts";
import type { ReadinessInput } from "./readiness.ts";
import type { Scan } from "./scan/scan.ts";

/** What a memo answers, each answer with its line; the project's inventory counts where it knows the host. */
export function readinessOfMemo(
  project: Project | null,
  { block, lineOf }: Deployment,
  path: string,
  cwd: string,
  context: Pick<Context, "env">,
): ReadinessInput {
  const file = relative(cwd, path) || path;
  return {
    block,
    place: project === null ? null : findPlace(project, block.service),
    sourcesOf: (field) => {
      const line = lineOf(field.split("."));
      return line === undefined ? [] : [`${file}:${line}`];
    },
    find: (name) => templateText(context, project, name),
  };
}

/** A host that nobody chose yet is no fault of the memo. */
function findPlace(project: Project, service: string): Place | null {
  const { inventory, file } = loadInventory(project);
  try {
    return choosePlace(inventory, file, service, undefined);
  } catch (error) {
    if (error instanceof VibeopsError && error.code === "deploy.no-host") return null;
    throw error;
  }
}

/** What the files of a folder answer, with the place of each fact. */
export function readinessOfScan(
  scan: Scan,
  project: Project | null,
  context: Pick<Context, "env">,
): ReadinessInput {
  const { service = "the service", version = "this version", env, ...rest } = scan.block;
  const described = env?.map(({ name, ...more }) => ({ name, required: true, secret: false, ...more }));
  return {
    block: { service, version, ...rest, ...(described === undefined ? {} : { env: described }) },
    place: null,
    sourcesOf: (field) => scan.evidence.filter((one) => one.field === field).map(({ source }) => source),
    find: (name) => templateText(context, project, name),
  };
}
