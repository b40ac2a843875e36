import type { Acknowledgement } from "./acknowledgement.ts";
import { blobId } from "./blob-id.ts";
import type { Outgoing } from "./link.ts";
import type { OwnTree } from "./mail-tree.ts";

/** What our next commit is to say, beside what the last one said. */
export interface Wanted {
  readonly format: "sha1" | "sha256";
  readonly outgoing: readonly Outgoing[];
  /** For each sender whose ref was read: what we say of the files that lie there now. */
  readonly acknowledged: ReadonlyMap<string, readonly Acknowledgement[]>;
  /** What receivers say of our files, by receiver. */
  readonly answers: ReadonlyMap<string, readonly Acknowledgement[]>;
}

export interface PlannedTree {
  readonly tree: OwnTree;
  /** Bytes that the remote does not have yet, by path. */
  readonly fresh: ReadonlyMap<string, Uint8Array>;
  /** Whether it says anything new: to drop what is done is no reason for a commit. */
  readonly hasNews: boolean;
}

/**
 * The tree after this one: what receivers have taken goes, what waits here comes, and what senders took back is no
 * longer acknowledged. So its size follows what is pending. Files that another clone of this project put there stay.
 */
export function planTree(before: OwnTree, wanted: Wanted): PlannedTree {
  const waiting = new Map(
    wanted.outgoing.map(({ peer, name, bytes }) => [
      `to/${peer}/${name}`,
      { bytes, blob: blobId(bytes, wanted.format) },
    ]),
  );
  const answers = answersByPath(wanted.answers);
  const isDone = (path: string, blob: string) => {
    const answer = answers.get(path);
    if (answer === undefined || answer.blob !== blob) return false;
    // What was set aside stays for as long as somebody here wants it to arrive.
    return answer.refused === null || !waiting.has(path);
  };
  const kept = [...before.files].filter(([path, blob]) => !isDone(path, blob));
  const added = [...waiting].filter(([path, { blob }]) => !before.files.has(path) && !isDone(path, blob));
  const files = new Map([...kept, ...added.map(([path, { blob }]) => [path, blob] as const)]);
  const acknowledged = new Map([...before.acknowledged, ...wanted.acknowledged]);
  const saysMore = [...wanted.acknowledged].some(([sender, list]) => {
    const said = new Set((before.acknowledged.get(sender) ?? []).map(keyOf));
    return list.some((one) => !said.has(keyOf(one)));
  });
  const fresh = new Map(added.map(([path, { bytes }]) => [path, bytes]));
  return { tree: { files, acknowledged }, fresh, hasNews: fresh.size > 0 || saysMore };
}

function answersByPath(
  answers: ReadonlyMap<string, readonly Acknowledgement[]>,
): ReadonlyMap<string, Acknowledgement> {
  return new Map(
    [...answers].flatMap(([receiver, list]) =>
      list.map((one) => [`to/${receiver}/${one.name}`, one] as const),
    ),
  );
}

function keyOf({ name, blob, refused }: Acknowledgement): string {
  return `${blob} ${name} ${refused ?? ""}`;
}
