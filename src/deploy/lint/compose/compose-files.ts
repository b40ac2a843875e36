import { dirname } from "node:path";
import { lstatOrNull } from "../../../platform/files.ts";
import type { ComposeFiles } from "../../compose-file/compose-files.ts";
import type { Reader } from "../reader.ts";

/** Files on the disk as Compose projects are made of them, never from outside of the tree that they belong to. */
export function composeFilesOf(reader: Reader): ComposeFiles {
  return {
    readsOn: true,
    has: (path) => lstatOrNull(path)?.isFile() === true,
    folderOf: dirname,
    resolve: (folder, name) => reader.resolve(folder, name),
    read(path) {
      const read = reader.read(path);
      return "source" in read ? { text: read.source.text } : { problem: read.problem.message };
    },
  };
}
