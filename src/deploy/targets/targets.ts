import { type TargetKind, targetKindOf } from "../target-kind.ts";
import { composeTarget } from "./compose.ts";
import { processTarget } from "./process.ts";
import { staticTarget } from "./static.ts";
import type { Target } from "./target.ts";

const TARGETS: Readonly<Record<TargetKind, Target>> = {
  compose: composeTarget,
  process: processTarget,
  static: staticTarget,
};

/** By what is deployed and where: see {@link targetKindOf}. */
export function targetOf(what: Parameters<typeof targetKindOf>[0]): Target {
  return TARGETS[targetKindOf(what)];
}
