import { Exit, VibeopsError } from "../../errors.ts";
import { findProjectAround } from "../../project/discovery.ts";
import { flagOption, type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { findRootToRead } from "../root-to-read.ts";

/** The projects whose memos a command reads. */
export interface MemoProjects {
  roots: readonly string[];
  /** The one around the person, where what is to be done about mail can be typed as it stands. */
  here: string | null;
  /** With `--all`: each memo is shown with its project, and one that cannot be read hides no other. */
  isAll: boolean;
  /** What the answer does not cover: projects of the list that are not there any more, lines of it that name none. */
  unread: VibeopsError[];
}

/**
 * The project here, with `--project PEER` a peer's, with `--all` those of the person's list and the one here.
 *
 * @throws VibeopsError `usage.value`, and as {@link findRootToRead}
 */
export async function findMemoProjects(io: Io, options: Options): Promise<MemoProjects> {
  const isOther = textOption(options, "project") !== undefined;
  if (!flagOption(options, "all")) {
    const root = await findRootToRead(io, options, "memos");
    return { roots: [root], here: isOther ? null : root, isAll: false, unread: [] };
  }
  if (isOther) throw allOrOne();
  const { isGone, readKnownProjects } = await import("../../project/known-projects.ts");
  const here = findProjectAround(io.cwd);
  const { roots: known, wrong } = readKnownProjects(io.context.env);
  const listed = here === null || known.includes(here) ? known : [...known, here].sort();
  if (listed.length + wrong.length === 0) throw noProjects();
  return {
    roots: listed.filter((root) => !isGone(root)),
    here,
    isAll: true,
    unread: [...wrong, ...listed.filter(isGone).map(gone)],
  };
}

/**
 * What `list` says of each project, with its root. Of several, one that cannot be listed is named among the unread and
 * each memo names its project.
 */
export function readEachProject<T extends { memos: { project?: string }[] }>(
  { roots, isAll, unread }: MemoProjects,
  list: (root: string) => T,
): { lists: (T & { root: string })[]; unread: VibeopsError[] } {
  const problems = [...unread];
  const lists = roots.flatMap((root) => {
    try {
      return [{ ...list(root), root }];
    } catch (error) {
      if (!isAll || !(error instanceof VibeopsError)) throw error;
      problems.push(error);
      return [];
    }
  });
  if (isAll) for (const { memos, root } of lists) for (const memo of memos) memo.project = root;
  return { lists, unread: problems };
}

function allOrOne(): VibeopsError {
  return new VibeopsError({
    code: "usage.value",
    exit: Exit.usage,
    message: "--all is of all your projects, --project of one",
    fix: "leave out one of them",
  });
}

function noProjects(): VibeopsError {
  return new VibeopsError({
    code: "projects.none",
    exit: Exit.notFound,
    message: "you have no list of projects yet",
    fix: "vibeops projects scan DIR",
  });
}

function gone(root: string): VibeopsError {
  return new VibeopsError({
    code: "project.gone",
    exit: Exit.notFound,
    message: "there is no project in this folder any more",
    file: root,
    fix: "vibeops projects remove --missing",
  });
}
