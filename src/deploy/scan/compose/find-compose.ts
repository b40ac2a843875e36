import { posix } from "node:path";
import { type Fact, fact } from "../fact.ts";
import type { Unit } from "../facts.ts";
import type { Findings } from "../findings.ts";
import { scalarOf } from "../located.ts";
import type { RepositoryFiles } from "../repository-files.ts";
import { isOwnCode } from "../search-code.ts";
import { checkDependencies } from "./check-dependencies.ts";
import { loadComposeProject } from "./load-project.ts";
import { scanService } from "./scan-service.ts";

/** What Compose takes where nobody says, in its own order. */
const DEFAULTS = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];
const OVERRIDES = [
  "compose.override.yaml",
  "compose.override.yml",
  "docker-compose.override.yaml",
  "docker-compose.override.yml",
];
const ANY =
  /^(?:.*\/)?(?:docker-)?compose(?:[._-][\w.-]+)?\.ya?ml$|^(?:.*\/)?[\w-]+\.(?:docker-)?compose\.ya?ml$/;
const MAX_OTHERS = 60;

export interface ComposeScan {
  readonly units: readonly Unit[];
  readonly name: Fact<string>[];
  /** Compose files that are in no project that was read as the one that starts: with -f somebody may choose them. */
  readonly others: Fact<string>[];
}

/**
 * The Compose project of a folder: the files that somebody names, else those that Compose takes by itself, else the
 * only one that there is. Every other Compose file is read too, for what is wrong in it.
 */
export function scanComposeFiles(
  files: RepositoryFiles,
  wanted: readonly string[],
  findings: Findings,
): ComposeScan {
  const all = files.paths.filter((path) => ANY.test(path) && isOwnCode(path));
  const chosen = wanted.length > 0 ? wanted : chooseFiles(files, all);
  const project = chosen.length === 0 ? null : loadComposeProject(chosen, files, findings);
  const read = new Set([...chosen, ...(project?.files ?? [])]);
  const others = all.filter((path) => !read.has(path)).slice(0, MAX_OTHERS);
  for (const path of others) readOther(path, files, findings);
  if (project !== null) checkDependencies(project, findings);
  const services = [...(project?.services.values() ?? [])];
  const name = scalarOf(project?.name);
  return {
    units: services.map((service) => scanService(service, projectOf(project), files, findings)),
    name: name === undefined || name.text.includes("$") ? [] : [fact(name.text, name.place, "name")],
    others: others.map((path) =>
      fact("another Compose file, chosen with -f", { file: path, line: 1 }, "compose"),
    ),
  };
}

type Project = NonNullable<ReturnType<typeof loadComposeProject>>;

/** Services come out of a project: there is one where there are any. */
function projectOf(project: Project | null): Project {
  return (
    project ?? {
      files: [],
      name: undefined,
      services: new Map(),
    }
  );
}

function chooseFiles(files: RepositoryFiles, all: readonly string[]): string[] {
  const [main] = files.named(...DEFAULTS);
  if (main !== undefined) return [main, ...files.named(...OVERRIDES).slice(0, 1)];
  if (all.length === 1) return [...all];
  const folders = [...new Set(all.map((path) => posix.dirname(path)))];
  const [folder] = folders;
  if (folders.length !== 1 || folder === undefined) return [];
  const [only] = files.named(...DEFAULTS.map((name) => posix.join(folder, name)));
  const overrides = files.named(...OVERRIDES.map((name) => posix.join(folder, name)));
  return only === undefined ? [] : [only, ...overrides.slice(0, 1)];
}

function readOther(path: string, files: RepositoryFiles, findings: Findings): void {
  const project = loadComposeProject([path], files, findings);
  // Alone it may lean on services of the file that it is laid over.
  if (project !== null && DEFAULTS.includes(posix.basename(path))) checkDependencies(project, findings);
}
