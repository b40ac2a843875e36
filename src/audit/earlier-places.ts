import { ARCHIVED, INCOMING, SENT } from "../memo/mailbox.ts";
import type { Git } from "../platform/git.ts";
import { readObjects } from "../platform/git-objects.ts";
import { type FileCommit, readRemovals, readTrail, type Trail } from "../platform/git-trail.ts";
import { quoteCommand } from "../platform/quote.ts";
import { PROJECT_FILE } from "../project/discovery.ts";
import { RUNBOOKS_FOLDER } from "../runbook/runbook-paths.ts";
import { counted } from "../text/counted.ts";
import type { Finding } from "../text/finding.ts";

/** What a project writes there is in its own trail. */
const OWN = [RUNBOOKS_FOLDER, INCOMING, ARCHIVED, SENT];

/** Which files of which project, and what the history is that they are held against. */
interface Asked {
  /** That the files are held against; null before the first one. */
  readonly commit: string | null;
  /** It and all that it comes from, children before their parents. */
  readonly ancestors: ReadonlySet<string>;
  /** Of the project below the work tree, as git names it; with a slash at its end where it is not the whole of it. */
  readonly base: string;
  /** Folders of the project, as `runbooks`. */
  readonly names: readonly string[];
  /** Which files count, by their paths below a project. */
  readonly files: RegExp;
}

/** A folder where such files lay that were removed, and where no project lies any more that could tell of them. */
interface LeftPlace {
  /** As git names it, with a slash at its end; empty for the whole work tree. */
  readonly place: string;
  /** What was removed there, by path. */
  readonly removed: Trail;
}

/** What the commits did to files of a project, and the places that are no project's now. */
export interface WholeTrail {
  readonly trail: Map<string, FileCommit[]>;
  /** Those that nothing ties to this project: maybe another one's. */
  readonly left: readonly LeftPlace[];
}

/**
 * What the commits did to the files in these folders of a project, also while it lay in another folder of its
 * repository: whoever moves it could otherwise leave behind what it did. An earlier place of it is one where a file
 * was removed that it has, or had, too.
 */
export async function readWholeTrail(target: Git, asked: Asked): Promise<WholeTrail> {
  const { ancestors, base, names } = asked;
  const own = names.map((name) => `${base}${name}`);
  const [trail, places] = await Promise.all([
    readTrail(target, ancestors, own),
    findLeftPlaces(target, asked),
  ]);
  const left: LeftPlace[] = [];
  for (const one of places) {
    const { place, removed } = one;
    const nameOf = (path: string) => `${base}${path.slice(place.length)}`;
    if (![...removed.keys()].some((path) => trail.has(nameOf(path)))) {
      left.push(one);
      continue;
    }
    const folders = names.map((name) => `${place}${name}`);
    addEarlier(trail, await readTrail(target, ancestors, folders), nameOf);
  }
  return { trail, left };
}

async function findLeftPlaces(
  target: Git,
  { commit, ancestors, base, names, files }: Asked,
): Promise<readonly LeftPlace[]> {
  const places = new Map<string, Map<string, FileCommit[]>>();
  const own = OWN.map((name) => `${base}${name}`);
  for (const [path, changes] of await readRemovals(target, ancestors, names, own)) {
    for (const place of placesIn(path, names)) {
      if (place === base || !files.test(path.slice(place.length))) continue;
      const removed = places.get(place) ?? new Map<string, FileCommit[]>();
      places.set(place, removed.set(path, changes));
    }
  }
  const found = [...places].map(([place, removed]) => ({ place, removed }));
  const projects = await readObjects(
    target,
    found.map(({ place }) => `${commit}:${place}${PROJECT_FILE}`),
  );
  return found.filter((_, i) => projects[i] === null);
}

/** The folders below which a path has such a name: `a/` for `a/runbooks/x`. */
function placesIn(path: string, names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const at = `/${path}`.lastIndexOf(`/${name}/`);
    return at === -1 ? [] : [path.slice(0, at)];
  });
}

function addEarlier(trail: Map<string, FileCommit[]>, there: Trail, nameOf: (path: string) => string): void {
  for (const [path, changes] of there) {
    const here = trail.get(nameOf(path)) ?? [];
    trail.set(nameOf(path), [...withoutMoved(changes, here), ...withoutMoved(here, changes)]);
  }
}

/** What lives on at the other place with the same bytes was not removed. */
function withoutMoved(changes: readonly FileCommit[], others: readonly FileCommit[]): FileCommit[] {
  return changes.filter(
    ({ status, before }) =>
      status !== "D" || !others.some((other) => other.status === "A" && other.after === before),
  );
}

/** Somebody may have had a reason to remove a project, so that is no error; nobody's audit looks at what it did. */
export function auditLeftPlaces({ left }: Pick<WholeTrail, "left">): Finding[] {
  return left.map(({ place, removed }) => {
    const commit = [...removed.values()].flat().at(-1)?.commit.slice(0, 12);
    const where = place === "" ? "at the top of this repository" : `in ${place}`;
    return {
      rule: "audit.left",
      level: "warning",
      message: `${counted(removed.size, "file")} of decided runbooks lay ${where} until commit ${commit}, and no project lies there now: nobody audits what went on there`,
      fix: `see: git log -p --diff-filter=D -- ${quoteCommand([`${place}runbooks`])}`,
    };
  });
}
