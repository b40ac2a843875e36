import type { FileChange } from "../agent/vendors/plan-agents.ts";
import { unifiedDiff } from "../text/diff.ts";
import { makeVisible } from "../text/visible.ts";
import type { Io } from "./io.ts";
import { styleFor } from "./style.ts";

/** One line for each file, and with it the lines that would change where nothing is written yet. */
export function renderChanges(io: Io, changes: readonly FileChange[], withLines: boolean): string[] {
  const style = styleFor(io);
  if (changes.length === 0) return ["  nothing to change"];
  return changes.flatMap((change) => {
    const { path, before, after, left } = change;
    const why = left === undefined ? "" : style.dim(`  (${left})`);
    const line = `  ${describeChange(change).action.padEnd(7)} ${path}${why}`;
    const diff = withLines && left === undefined ? unifiedDiff(before ?? "", after ?? "", path) : "";
    return diff === "" ? [line] : [line, makeVisible(diff).trimEnd()];
  });
}

export function describeChange({ path, before, after, left }: FileChange): { path: string; action: string } {
  if (left !== undefined) return { path, action: "left" };
  return { path, action: before === null ? "create" : after === null ? "delete" : "change" };
}
