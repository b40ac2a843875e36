import { findProjectRoot } from "../../project/discovery.ts";
import { loadProject } from "../../project/project.ts";
import { listRunbooks } from "../../runbook/store.ts";
import { markUnverified } from "../../runbook/verified-seals.ts";
import { makeVisible } from "../../text/visible.ts";
import type { Options } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { alignColumns, lineWidth } from "../style.ts";

export async function runRunbookList(io: Io, _args: readonly string[], _options: Options): Promise<Outcome> {
  const project = loadProject(findProjectRoot(io.cwd));
  const runbooks = await markUnverified(project, io.context, listRunbooks(project, io.context));
  const rows = runbooks.map((one) => [
    one.id.slice(-8),
    one.state === "unverified" ? "seal not verified" : one.state,
    makeVisible(one.title, { newlines: false }),
  ]);
  return outcome(
    { runbooks },
    rows.length === 0 ? "There is no runbook here." : alignColumns(rows, lineWidth(io)).join("\n"),
  );
}
