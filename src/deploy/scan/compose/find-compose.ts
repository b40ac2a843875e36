import { posix } from "node:path";
import { chooseInFolder, isDefaultName } from "../../compose-file/choose-files.ts";
import type { ComposeFiles } from "../../compose-file/compose-files.ts";
import { loadProjectOf } from "../../compose-file/load-for-file.ts";
import { loadComposeProject } from "../../compose-file/load-project.ts";
import type { ComposeProject, ProblemKind } from "../../compose-file/project.ts";
import { at, scalarOf } from "../../located/located.ts";
import { type Fact, fact } from "../fact.ts";
import type { Unit } from "../facts.ts";
import type { Findings } from "../findings.ts";
import type { RepositoryFiles } from "../repository-files.ts";
import { isOwnCode } from "../search-code.ts";
import { checkDependencies } from "./check-dependencies.ts";
import { scanService } from "./scan-service.ts";
import { ServiceReader } from "./service-reader.ts";

/** Any sign may stand in a name, a space and a line break too. */
const ANY =
  /(?:^|\/)(?:(?:docker|podman)[- ])?compose(?:[._ (-][^/]*)?\.ya?ml$|(?:^|\/)[^/]+\.(?:docker-)?compose\.ya?ml$/i;
const MAX_OTHERS = 60;

export interface ComposeScan {
  readonly units: readonly Unit[];
  readonly name: Fact<string>[];
  /** Variables that Compose itself puts into the project's files: what `.env` sets of them no container sees. */
  readonly variables: ReadonlySet<string>;
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
  const compose = composeFilesOf(files);
  const all = files.paths.filter((path) => ANY.test(path) && isOwnCode(path));
  const chosen = wanted.length > 0 ? wanted : chooseFiles(compose, all);
  const project = chosen.length === 0 ? null : loadComposeProject(chosen, compose);
  if (project !== null) tell(project, findings);
  const read = new Set([...chosen, ...(project?.included ?? [])]);
  const rest = all.filter((path) => !read.has(path));
  findings.tellRest(rest, MAX_OTHERS, "Compose files");
  const others = rest.slice(0, MAX_OTHERS);
  for (const path of others) readOther(path, compose, findings);
  if (project !== null) checkDependencies(project, findings);
  const name = scalarOf(at(project?.tree, "name"));
  return {
    units:
      project === null
        ? []
        : [...project.services.values()].map((service) => scanService(service, project, files, findings)),
    name: name === undefined || name.text.includes("$") ? [] : [fact(name.text, name.place, "name")],
    variables: new Set(
      [...(project?.services.values() ?? [])].flatMap((service) =>
        new ServiceReader(service).mentioned.map((one) => one.name),
      ),
    ),
    others: others.map((path) =>
      fact("another Compose file, chosen with -f", { file: path, line: 1 }, "compose"),
    ),
  };
}

function composeFilesOf(files: RepositoryFiles): ComposeFiles {
  return {
    readsOn: false,
    has: (path) => files.has(path),
    folderOf: (path) => posix.dirname(path),
    resolve: (folder, name) => files.locate(folder, name),
    read(path) {
      if (path === "." || path.endsWith("/")) return { problem: "it is a folder" };
      const text = files.read(path);
      return text === null ? { problem: "it could not be read here" } : { text };
    },
  };
}

function chooseFiles(files: ComposeFiles, all: readonly string[]): readonly string[] {
  const top = chooseInFolder(".", files);
  if (top.length > 0) return top;
  if (all.length === 1) return all;
  const folders = [...new Set(all.map((path) => posix.dirname(path)))];
  const [folder] = folders;
  return folders.length !== 1 || folder === undefined ? [] : chooseInFolder(folder, files);
}

function readOther(path: string, files: ComposeFiles, findings: Findings): void {
  const project = loadProjectOf(path, files).project;
  tell(project, findings);
  // Alone it may lean on services of the file that it is laid over.
  if (isDefaultName(posix.basename(path))) checkDependencies(project, findings);
}

/** What was an empty file or one with nothing of Compose in it, too. */
const RULES: Partial<Record<ProblemKind, string>> = { empty: "scan.compose" };

function tell({ problems }: ComposeProject, findings: Findings): void {
  for (const { kind, level, place, message, fix } of problems)
    findings.add(RULES[kind] ?? `scan.${kind}`, level, message, place, fix);
}
