import { VibeopsError } from "../errors.ts";
import { loadForGate, requireApproval } from "./approval.ts";
import { type CurrentContent, readCurrentContent } from "./current-content.ts";
import type { Gate } from "./gate.ts";
import { latestWalk } from "./latest-walk.ts";
import { lockView } from "./lock-view.ts";
import type { CommandView, StepView } from "./operator.ts";
import { walkedHosts } from "./runbook.ts";
import type { LoadedRunbook } from "./runbook-folder.ts";
import { stepView } from "./step-view.ts";
import { isOpen } from "./walk-state.ts";

/** What a walk would do now, and why it may not. */
export interface WalkPlan {
  readonly locks: readonly CommandView[];
  readonly steps: readonly StepView[];
  readonly refusal: VibeopsError | null;
}

/** What `run --dry-run` shows: every step as it would run. Touches nothing and needs no approval. */
export async function planWalk(gate: Gate, id: string): Promise<WalkPlan> {
  const loaded = loadForGate(gate.project, id);
  const { current, refusal } = await askGate(gate, loaded);
  const source = { current, variables: loaded.runbook.variables };
  return {
    locks: walkedHosts(loaded.runbook).map((host) => lockView(host, { current, variables: {} })),
    steps: loaded.runbook.steps.map((step) => stepView(loaded.runbook, step.number, source)),
    refusal,
  };
}

async function askGate(
  gate: Gate,
  loaded: LoadedRunbook,
): Promise<{ current: CurrentContent; refusal: VibeopsError | null }> {
  const latest = latestWalk(loaded);
  const purpose = latest !== null && isOpen(latest.state) ? { walk: latest.id } : {};
  try {
    const { current } = await requireApproval(gate, loaded, purpose);
    return { current, refusal: null };
  } catch (error) {
    if (!(error instanceof VibeopsError)) throw error;
    return { current: await readCurrentContent(gate.project, loaded, gate.context.env), refusal: error };
  }
}
