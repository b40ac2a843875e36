import type { GrantPlan } from "../../project/change-grants.ts";
import { makeVisible } from "../../text/visible.ts";
import type { Io } from "../io.ts";
import { shortPath } from "../render-error.ts";

/** The ends that change, as a difference each. */
export function renderPlan(io: Io, plan: GrantPlan): string {
  return changedEnds(plan)
    .map(
      (end) => `${makeVisible(shortPath(end.file, io.cwd), { newlines: false })}:\n${makeVisible(end.diff)}`,
    )
    .join("\n");
}

/** What stands in both files afterwards, in a line each. */
export function renderSummary(plan: GrantPlan): string {
  return changedEnds(plan)
    .map((end) => makeVisible(`${end.name}: ${end.summary}`, { newlines: false }))
    .join("\n");
}

/** The same for `--json`. */
export function planData(plan: GrantPlan) {
  const describe = ({ name, file, diff, summary }: GrantPlan["ours"]) => ({
    project: name,
    file,
    diff,
    summary,
  });
  return {
    peer: plan.peer,
    ours: describe(plan.ours),
    theirs: plan.theirs === null ? null : describe(plan.theirs),
  };
}

function changedEnds({ ours, theirs }: GrantPlan) {
  return [ours, ...(theirs === null ? [] : [theirs])].filter(({ diff }) => diff !== "");
}
