import { join } from "node:path";
import { lstatOrNull } from "./files.ts";
import { type Git, git, mayHold } from "./git.ts";
import { isLeft, newOwner, ownerName } from "./lock-owner.ts";
import { commonDirectory } from "./work-trees.ts";

/** Where the refs lie that hold a commit for a moment. */
export const HOLDERS = "refs/vibeops/";
const PREFIX = `${HOLDERS}pending-`;

/** A ref of our own that holds a commit until HEAD does. Its name says whose it is: machine, process, nonce. */
export function newHolder(): string {
  return `${PREFIX}${ownerName(newOwner())}`;
}

/** Deletes the holders that a killed vibeops left: those of dead processes here, and of anybody after a day and a half. */
export async function sweepHolders(target: Git, now: Date): Promise<void> {
  const left = await findLeftHolders(target, now);
  const input = left.map(({ ref, commit }) => `delete ${ref} ${commit}\n`).join("");
  if (input !== "") await git(target, ["update-ref", "--stdin"], { input });
}

/** What {@link sweepHolders} would delete. */
export async function findLeftHolders(target: Git, now: Date): Promise<{ ref: string; commit: string }[]> {
  if (!mayHaveRefs(target)) return [];
  const format = "--format=%(refname) %(objectname) %(committerdate:unix)";
  const refs = (await git(target, ["for-each-ref", format, "refs/vibeops/"])).split("\n");
  return refs.flatMap((line) => {
    const [ref = "", commit = "", seconds = ""] = line.split(" ");
    return ref.startsWith(PREFIX) && isLeft(ref.slice(PREFIX.length), Number(seconds) * 1000, now)
      ? [{ ref, commit }]
      : [];
  });
}

/** Nearly always there is none, and every session would start a git to hear that. */
function mayHaveRefs(target: Git): boolean {
  const directory = commonDirectory(target.top);
  const isThere = (path: string) => lstatOrNull(join(directory, path)) !== null;
  return isThere("reftable") || isThere("refs/vibeops") || mayHold(target, "packed-refs", / refs\/vibeops\//);
}
