import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Exit, VibeopsError } from "../../errors.ts";
import { findDirectory } from "../../platform/folders.ts";
import { type Git, gitPath } from "../../platform/git.ts";
import { readObjects } from "../../platform/git-objects.ts";
import { type FileCommit, listAncestors, readTrail, type Trail } from "../../platform/git-trail.ts";
import type { Project } from "../../project/project.ts";
import { type LatestWalk, latestWalk } from "../../runbook/latest-walk.ts";
import { type LoadedRunbook, loadRunbook } from "../../runbook/runbook-folder.ts";
import { nearest } from "../../text/similar.ts";
import { type Manifest, manifestPath, readManifest } from "../manifest.ts";

/** One runbook of a service: what was prepared with it, and what became of it. */
export interface Preparation {
  /** As the last commit left it that named this runbook. */
  readonly manifest: Manifest & { readonly runbook: string };
  /** The commits in which its manifest or anything of its runbook changed, newest first. */
  readonly commits: readonly string[];
  /** Null where the runbook cannot be read, or nobody ran it. */
  readonly run: { readonly loaded: LoadedRunbook; readonly walk: LatestWalk } | null;
}

/** A preparation whose runbook was carried out to its end. */
export interface Deployment extends Preparation {
  readonly run: NonNullable<Preparation["run"]>;
  /** When its first step and its last one were, as in the record. */
  readonly began: string;
  readonly ended: string;
}

/** All of a service that git and the records tell, oldest first. */
export interface ServiceTrail {
  readonly service: string;
  readonly preparations: readonly Preparation[];
  /** By the time at which they ended: the last one is what runs, as far as the records know. */
  readonly deployments: readonly Deployment[];
}

/**
 * Reads the trail of a service: every `prepared.yaml` that was ever committed, and the walks of the runbooks that those name.
 *
 * @throws VibeopsError `rollback.service` (exit 3) where nothing was ever prepared under this name
 */
export async function readServiceTrail(project: Project, git: Git, service: string): Promise<ServiceTrail> {
  const path = gitPath(git, join(project.root, manifestPath(service)));
  const runbooks = gitPath(git, join(project.root, "runbooks"));
  const trail = await readTrail(git, await listAncestors(git), [path, runbooks]);
  const changes = trail.get(path) ?? [];
  if (changes.length === 0) throw unknownService(project, service);
  const preparations = (await readManifests(git, path, changes)).map(
    ({ manifest, commits }): Preparation => ({
      manifest,
      commits: [...listRunbookCommits(trail, `${runbooks}/${manifest.runbook}/`), ...commits],
      run: findRun(project, manifest.runbook),
    }),
  );
  const deployments = preparations.flatMap(toDeployment);
  return {
    service,
    preparations,
    deployments: deployments.toSorted((one, other) => (one.ended < other.ended ? -1 : 1)),
  };
}

/** The last manifest of each runbook, with the commits that wrote it, newest first. One that cannot be read tells nothing. */
async function readManifests(git: Git, path: string, changes: readonly FileCommit[]) {
  const written = changes.filter(({ status }) => status !== "D");
  const objects = await readObjects(
    git,
    written.map(({ after }) => after),
  );
  const found = new Map<string, { manifest: Preparation["manifest"]; commits: string[] }>();
  objects.forEach((object, i) => {
    const manifest = object === null ? null : tryReadManifest(object.bytes.toString("utf8"), path);
    const commit = written[i]?.commit;
    if (manifest?.runbook === undefined || commit === undefined) return;
    const commits = [commit, ...(found.get(manifest.runbook)?.commits ?? [])];
    // Deleted first, so that the map's order is that of the last change.
    found.delete(manifest.runbook);
    found.set(manifest.runbook, { manifest: { ...manifest, runbook: manifest.runbook }, commits });
  });
  return [...found.values()];
}

function tryReadManifest(text: string, path: string): Manifest | null {
  try {
    return readManifest(text, path);
  } catch (error) {
    if (error instanceof VibeopsError) return null;
    throw error;
  }
}

function listRunbookCommits(trail: Trail, folder: string): string[] {
  const changes = [...trail].flatMap(([path, commits]) => (path.startsWith(folder) ? commits : []));
  const newest = changes.toSorted((one, other) => other.time.getTime() - one.time.getTime());
  return [...new Set(newest.map(({ commit }) => commit))];
}

function findRun(project: Project, runbook: string): Preparation["run"] {
  try {
    const loaded = loadRunbook(project, runbook);
    const walk = latestWalk(loaded);
    return walk === null ? null : { loaded, walk };
  } catch (error) {
    if (error instanceof VibeopsError) return null;
    throw error;
  }
}

function toDeployment(preparation: Preparation): Deployment[] {
  const { run } = preparation;
  if (run?.walk.state.phase !== "completed") return [];
  const { events } = run.walk.record;
  const ended = events.findLast((event) => event.event === "completed")?.time;
  const began = events[0]?.time;
  return ended === undefined || began === undefined ? [] : [{ ...preparation, run, began, ended }];
}

function unknownService(project: Project, service: string): VibeopsError {
  const folder = findDirectory(project.root, "deploy");
  const names =
    folder === null
      ? []
      : readdirSync(folder, { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? [one.name] : []));
  const close = nearest(service, names);
  return new VibeopsError({
    code: "rollback.service",
    exit: Exit.notFound,
    message: `the trail has no service '${service}'${close === undefined ? "" : `; did you mean '${close}'?`}`,
    fix: names.length === 0 ? "nothing was prepared here yet" : `its services are: ${names.join(", ")}`,
    facts: { services: names },
  });
}
