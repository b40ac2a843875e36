import type { VibeopsError } from "../errors.ts";
import { listMemoFiles, type MemoFile, type MemoFolder } from "./memo-files.ts";

/** Into how many parts a big folder falls, each of which another thread may take. */
const PARTS = 32;

/** Names in a folder that one thread takes whole: to list it a second time would cost as much as it saves. */
const SMALL = 2_048;

/** Memo folders that several threads go through together: each file comes to one of them. */
export interface SharedFolders {
  readonly folders: readonly MemoFolder[];
  /** How many parts of each folder are taken; in memory that the threads share. */
  readonly taken: Int32Array;
}

export function shareFolders(folders: readonly MemoFolder[]): SharedFolders {
  return {
    folders,
    taken: new Int32Array(new SharedArrayBuffer(folders.length * Int32Array.BYTES_PER_ELEMENT)),
  };
}

/**
 * The files that nobody else has taken, beginning at a folder of this thread's own: the later two threads meet in one,
 * the less often it is listed twice.
 */
export function* takeFiles(
  { folders, taken }: SharedFolders,
  from: number,
  onProblem: (error: VibeopsError) => void,
): Generator<MemoFile> {
  for (let i = 0; i < folders.length; i += 1) {
    const at = (from + i) % folders.length;
    const folder = folders[at];
    if (folder === undefined || Atomics.load(taken, at) >= PARTS) continue;
    const problems: VibeopsError[] = [];
    const files = listMemoFiles(folder, (error) => problems.push(error));
    if (files.length > SMALL) yield* takeParts(files, taken, at);
    else if (Atomics.compareExchange(taken, at, 0, PARTS) === 0) {
      for (const problem of problems) onProblem(problem);
      yield* files;
    }
  }
}

/** By the last character of the id, which is chance: the folder may have changed since another thread listed it. */
function* takeParts(files: readonly MemoFile[], taken: Int32Array, at: number): Generator<MemoFile> {
  for (let part = Atomics.add(taken, at, 1); part < PARTS; part = Atomics.add(taken, at, 1)) {
    for (const file of files) if (file.id.charCodeAt(file.id.length - 1) % PARTS === part) yield file;
  }
}
