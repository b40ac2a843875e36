import { posix } from "node:path";
import { type Fact, fact } from "./fact.ts";
import type { Facts, Unit } from "./facts.ts";
import type { Findings } from "./findings.ts";
import type { RepositoryFiles } from "./repository-files.ts";
import { scanDockerfile } from "./scan-dockerfile.ts";
import { isOwnCode } from "./search-code.ts";

const ANY =
  /^(?:.*\/)?(?:(?:Dockerfile|Containerfile)(?:[._-][\w.-]+)?|[\w-]+\.(?:[Dd]ockerfile|[Cc]ontainerfile))$/;
const MAX_OTHERS = 60;

/**
 * What the service's Dockerfile says, and which others there are: those are read for what is wrong in them.
 *
 * @param isOpen where nobody has chosen among services, every one is another's
 */
export function findDockerfile(
  files: RepositoryFiles,
  { unit, isOpen }: { readonly unit: Unit | null; readonly isOpen: boolean },
  findings: Findings,
): { facts: Partial<Facts>; others: Fact<string>[] } {
  const all = files.paths.filter(
    (path) => ANY.test(path) && isOwnCode(path) && !path.endsWith(".dockerignore"),
  );
  const chosen = isOpen || unit?.build?.inline !== undefined ? null : choose(files, unit, all);
  const rest = all.filter((path) => path !== chosen);
  findings.tellRest(rest, MAX_OTHERS, "Dockerfiles");
  const others = rest.slice(0, MAX_OTHERS);
  for (const path of others) {
    const text = files.read(path);
    if (text !== null) scanDockerfile(text, path, findings);
  }
  const told = others.map((path) => fact("another Dockerfile", { file: path, line: 1 }, "Dockerfile"));
  return { facts: scanChosen(files, unit, chosen, findings), others: told };
}

/** The one that the Compose file builds, else the one at the top, else the only one. */
function choose(files: RepositoryFiles, unit: Unit | null, all: readonly string[]): string | null {
  const built = unit?.build?.dockerfile;
  if (built !== undefined) return files.has(built) ? built : (containerfileBeside(files, built) ?? null);
  if (unit?.kind !== undefined) return null;
  const [top] = files.named("Dockerfile", "Containerfile");
  return top ?? (all.length === 1 ? (all[0] ?? null) : null);
}

/** podman takes a Containerfile where no Dockerfile is. */
function containerfileBeside(files: RepositoryFiles, dockerfile: string): string | undefined {
  return files.named(posix.join(posix.dirname(dockerfile), "Containerfile"))[0];
}

function scanChosen(
  files: RepositoryFiles,
  unit: Unit | null,
  path: string | null,
  findings: Findings,
): Partial<Facts> {
  const build = unit?.build;
  const options = { target: build?.target, args: build?.args };
  if (build?.inline !== undefined) {
    const { text, file, lineBefore } = build.inline;
    return scanDockerfile(text, file, findings, { ...options, lineBefore });
  }
  const text = path === null ? null : files.read(path);
  return path === null || text === null ? {} : scanDockerfile(text, path, findings, options);
}
