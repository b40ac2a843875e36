import { cpSync, rmSync } from "node:fs";

const AS_IT_IS = { recursive: true, preserveTimestamps: true, verbatimSymlinks: true };

/** Copies a folder to `kept`; what is returned puts it back as it was then, in the same place. */
export function keepCopy(directory: string, kept: string): () => void {
  cpSync(directory, kept, AS_IT_IS);
  return () => {
    rmSync(directory, { recursive: true, force: true });
    cpSync(kept, directory, AS_IT_IS);
  };
}
