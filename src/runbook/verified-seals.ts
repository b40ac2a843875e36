import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { lstatOrNull, publishNewUnsynced } from "../platform/files.ts";
import { findGit } from "../platform/git.ts";
import { sha256 } from "../platform/hash.ts";
import { mapSideBySide } from "../platform/side-by-side.ts";
import type { Project } from "../project/project.ts";
import { runbookFolder } from "./runbook-folder.ts";
import { readSeal, type SignedSeal, sealCheck } from "./sealed.ts";
import { verifySignatures } from "./sign.ts";
import type { RunbookSummary } from "./store.ts";
import { listSigners, readTrustFile, refuseReachableTrust, type TrustPaths, trustPaths } from "./trust.ts";

/** How many seals one shell looks at, and how many shells work side by side. */
const BATCH = 100;
const SIDE_BY_SIDE = 2;

/** A seal whose signature decides, and the note that it was good once, for these bytes and these lists of keys. */
interface Asked {
  readonly id: string;
  readonly seal: SignedSeal;
  readonly note: string;
}

/**
 * The same summaries, but that those which lie closed by a seal that nobody listed here signed are `unverified`, with
 * why. What was found good is noted in the person's state folder, so that ssh-keygen is asked once for each.
 */
export async function markUnverified(
  project: Project,
  { env }: Pick<Context, "env">,
  summaries: readonly RunbookSummary[],
): Promise<RunbookSummary[]> {
  const closed = summaries.flatMap(({ id, state }) => (state === "closed" ? [id] : []));
  if (closed.length === 0) return [...summaries];
  const doubts = await findDoubts(project, env, closed);
  return summaries.map((one) => {
    const why = doubts.get(one.id);
    return why === undefined ? one : { ...one, state: "unverified", note: why };
  });
}

/** Why the seals of these runbooks do not count, by runbook. */
async function findDoubts(
  project: Project,
  env: Context["env"],
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const paths = trustPaths(env);
  try {
    refuseReachableTrust(paths, findGit(project.root, env)?.top ?? null);
    const judged = judgeSeals(project, paths, ids);
    const asked = judged.filter((one) => typeof one.seal !== "string") as Asked[];
    const forged = await findForged(paths, env, asked);
    return new Map([
      ...judged.flatMap(({ id, seal }) => (typeof seal === "string" ? [[id, seal] as const] : [])),
      ...forged.map(({ id, seal }) => [id, `this seal is not what ${seal.seal.closer} signed`] as const),
    ]);
  } catch (error) {
    if (!(error instanceof VibeopsError)) throw error;
    return new Map(ids.map((id) => [id, error.message]));
  }
}

/** The seals of which nothing but the signature is left to look at; of the others, why they do not count. */
function judgeSeals(project: Project, paths: TrustPaths, ids: readonly string[]) {
  const signers = listSigners(paths);
  const lists = [readTrustFile(paths.allowedSigners), readTrustFile(paths.revoked)];
  return ids.map((id) => {
    const seal = readSeal(runbookFolder(project, id));
    if (typeof seal === "string") return { id, seal };
    const { closer } = seal.seal;
    if (!signers.some(({ principal }) => principal === closer)) {
      return { id, seal: `its closer, ${closer}, is not in ${paths.allowedSigners}` };
    }
    const facts = [id, sha256(seal.bytes), sha256(seal.signature), ...lists];
    return { id, seal, note: join(paths.state, "seals", sha256(JSON.stringify(facts))) };
  });
}

async function findForged(paths: TrustPaths, env: Context["env"], asked: readonly Asked[]): Promise<Asked[]> {
  const unknown = asked.filter(({ note }) => lstatOrNull(note) === null);
  if (unknown.length === 0) return [];
  mkdirSync(join(paths.state, "seals"), { recursive: true, mode: 0o700 });
  const starts = Array.from({ length: Math.ceil(unknown.length / BATCH) }, (_, i) => i * BATCH);
  const forged = await mapSideBySide(starts, SIDE_BY_SIDE, async (start) => {
    const some = unknown.slice(start, start + BATCH);
    const checks = some.map(({ seal }) => sealCheck(paths, seal));
    const good = await verifySignatures(checks, paths, env);
    for (const [i, { note }] of some.entries())
      if (good[i] === true) publishNewUnsynced(note, Buffer.alloc(0));
    return some.filter((_, i) => good[i] !== true);
  });
  return forged.flat();
}
