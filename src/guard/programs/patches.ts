import type { Call, Judge, Rules } from "../call.ts";
import { hasMarker } from "../markers.ts";
import { readPatchPaths } from "../patch-paths.ts";
import { each } from "../rules.ts";
import { opaque, worst } from "../verdict.ts";

/** Codex's own editor, as its models call it in a shell: the patch is an argument, or stands on standard input. */
const applyPatch: Judge = (call) => {
  const patch = textOf(call);
  const paths = patch === null || hasMarker(patch) ? null : readPatchPaths(patch);
  if (paths === null) return opaque(`Which files "${call.name}" writes cannot be read.`, call.name);
  return worst(...paths.map((path) => call.world.judgeWrite(path)));
};

function textOf({ args, stdin }: Call): string | null {
  if (args.length > 0) return args.length === 1 ? (args[0] ?? null) : null;
  return stdin.kind === "text" ? stdin.text : null;
}

export const patches: Rules = each("apply_patch applypatch", applyPatch);
