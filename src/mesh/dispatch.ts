import { setTimeout as sleep } from "node:timers/promises";
import { Exit, VibeopsError } from "../errors.ts";
import type { Link } from "./link.ts";
import { isBehind, type OwnHead, readOwnHeadAgain, reopen } from "./look.ts";
import { type MailCommit, mailRef } from "./mail-commit.ts";
import { planTree, type Wanted } from "./plan-tree.ts";
import { pushHead } from "./transport.ts";
import { readMailCommit } from "./verify-head.ts";
import { writeMailCommit } from "./write-commit.ts";

/** Other clones of this project push to the same ref: each lost race is one that somebody else won. */
const ATTEMPTS = 30;

export interface Dispatch {
  /** Our ref afterwards; null where it is not there and nothing was to be said. */
  readonly commit: MailCommit | null;
  /** Paths of the files that were pushed now. */
  readonly sent: readonly string[];
  /** All that our ref holds now. */
  readonly files: ReadonlyMap<string, string>;
}

/**
 * Pushes what waits and what is acknowledged as one signed commit on top of our ref, if there is anything new or the ref
 * went back. Whoever loses a race starts again from the winner's head; nothing is ever forced.
 *
 * @throws VibeopsError `mesh.unreachable`, `mesh.denied`, `mesh.server`, `mesh.taken`, `mesh.race`
 */
export async function dispatchMail(link: Link, own: OwnHead, wanted: Wanted): Promise<Dispatch> {
  let head = own;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const { tree, fresh, hasNews } = planTree(head.tree, wanted);
    if (!hasNews && !isBehind(link, head)) return { commit: head.commit, sent: [], files: head.tree.files };
    const id = await writeNext(link, head, { tree, fresh });
    const push = { commit: id, ref: mailRef(link.project.name) };
    const answer = await pushHead(link.transport, link.scratch, link.remote, push);
    if (answer === "other format") {
      await reopen(link);
      return await dispatchMail(link, own, { ...wanted, format: "sha256" });
    }
    if (answer === "pushed") {
      const commit = await readMailCommit(link.scratch, id);
      return { commit, sent: [...fresh.keys()], files: tree.files };
    }
    await sleep(Math.random() * Math.min(2000, 100 * attempt));
    head = await readOwnHeadAgain(link);
  }
  throw new VibeopsError({
    code: "mesh.race",
    exit: Exit.conflict,
    message: `other clones of this project were quicker ${ATTEMPTS} times; nothing was sent`,
    fix: "run vibeops sync again",
  });
}

async function writeNext(
  link: Link,
  head: OwnHead,
  next: Pick<ReturnType<typeof planTree>, "tree" | "fresh">,
): Promise<string> {
  if (link.key === null) throw new Error("a dry run pushes nothing");
  const sequence = Math.max(head.commit?.sequence ?? 0, link.seen.own?.sequence ?? 0) + 1;
  return await writeMailCommit(link.scratch, link.key, {
    from: link.project.name,
    sequence,
    parent: head.commit?.id ?? null,
    now: link.context.now(),
    ...next,
  });
}
