import { join } from "node:path";
import { Exit } from "../../errors.ts";
import { FactCache } from "../../platform/fact-cache.ts";
import { cacheDirectory } from "../../platform/person.ts";
import { VERSION } from "../../platform/version.ts";
import { findProjectAround } from "../../project/discovery.ts";
import { readKnownProjects } from "../../project/known-projects.ts";
import { byUrgency } from "../../project/pending.ts";
import { readStatus, waitingLines } from "../../session/project-status.ts";
import { flagOption, type Options } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { renderStatus } from "../status/render-status.ts";

export async function runStatus(io: Io, _args: readonly string[], options: Options): Promise<Outcome> {
  const { context, cwd } = io;
  const here = findProjectAround(cwd);
  const { roots: known, wrong } = readKnownProjects(context.env);
  const all = here === null || flagOption(options, "all");
  const listed = here === null || known.includes(here);
  const own = here === null || listed ? [] : [here];
  const roots = all ? [...known, ...own] : [here];
  const cache = new FactCache(join(cacheDirectory(context.env), "status.json"), VERSION, context);
  const { waiting, projects } = await readStatus(roots, context, cache);
  const status = { projects, waiting: [...waiting, ...(all ? waitingLines(wrong) : [])].sort(byUrgency) };
  cache.save({ all });
  const view = { here, all, listed, known: known.length, long: flagOption(options, "long") };
  const waits = status.waiting.length > 0 && flagOption(options, "exitCode");
  const text = renderStatus(status, view, io);
  return outcome(
    { all, listed, waiting: status.waiting, projects },
    text,
    waits ? Exit.humanNeeded : Exit.ok,
  );
}
