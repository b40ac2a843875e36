import { findProjectRoot } from "../../project/discovery.ts";
import { loadProject } from "../../project/project.ts";
import { listRunbooks, type RunbookSummary } from "../../runbook/store.ts";
import { markUnverified } from "../../runbook/verified-seals.ts";
import { makeVisible } from "../../text/visible.ts";
import type { Options } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { alignColumns, lineWidth } from "../style.ts";

export async function runRunbookList(io: Io, _args: readonly string[], _options: Options): Promise<Outcome> {
  const project = loadProject(findProjectRoot(io.cwd));
  const runbooks = await markUnverified(project, io.context, await listRunbooks(project, io.context));
  const rows = runbooks.map((one) => [
    one.id.slice(-8),
    describeState(one),
    makeVisible(describeTitle(one), { newlines: false }),
  ]);
  return outcome(
    { runbooks },
    rows.length === 0 ? "There is no runbook here." : alignColumns(rows, lineWidth(io)).join("\n"),
  );
}

function describeState({ state, more }: RunbookSummary): string {
  if (state === "unverified") return "seal not verified";
  return state === "part-approved" ? `approved, ${more} more wanted` : state;
}

/** With why it is where it is; one that cannot be read has no title. */
function describeTitle({ state, title, note }: RunbookSummary): string {
  if (note === undefined) return title;
  return state === "broken" ? note : `${title} (${note})`;
}
