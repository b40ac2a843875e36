import { readCurrentContent } from "../../runbook/current-content.ts";
import { reviewPages } from "../../runbook/review.ts";
import { loadRunbook } from "../../runbook/runbook-folder.ts";
import type { Options } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { shortPath } from "../render-error.ts";
import { findRunbookId } from "../runbook/find-runbook.ts";
import { openGate } from "../runbook/open-gate.ts";
import { renderPage } from "../runbook/render-page.ts";
import { styleFor } from "../style.ts";

export async function runRunbookShow(io: Io, args: readonly string[], _options: Options): Promise<Outcome> {
  const gate = openGate(io);
  const loaded = loadRunbook(gate.project, findRunbookId(gate.project, args[0] ?? ""));
  const current = await readCurrentContent(gate.project, loaded, io.context.env);
  const style = styleFor(io);
  const pages = reviewPages(loaded, current);
  // What is piped on is not wrapped for a screen.
  const columns = io.isInteractive ? io.columns : Number.POSITIVE_INFINITY;
  const text = pages
    .map((page) => [style.bold(page.title), ...renderPage(page, columns)].join("\n"))
    .join("\n\n");
  const file = shortPath(loaded.runbook.file, io.cwd);
  return outcome({ id: loaded.runbook.id, file, pages }, `${style.dim(file)}\n\n${text}`);
}
