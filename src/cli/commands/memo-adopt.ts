import { resolve } from "node:path";
import { adoptNote } from "../../memo/adopt.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { loadProject } from "../../project/project.ts";
import { type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { shortPath } from "../render-error.ts";
import { priorityOption, typeOption } from "./memo-new.ts";

export async function runMemoAdopt(io: Io, args: readonly string[], options: Options): Promise<Outcome> {
  const project = loadProject(findProjectRoot(io.cwd));
  const request = {
    subject: textOption(options, "subject"),
    role: textOption(options, "from"),
    type: typeOption(options),
    priority: priorityOption(options),
  };
  const adopted = await adoptNote(project, resolve(io.cwd, args[0] ?? ""), request, io.context);
  const lines = [adopted.id, `  ${shortPath(adopted.path, io.cwd)}`];
  if (adopted.noteStays) lines.push("  the note itself stays where it is");
  return outcome(adopted, lines.join("\n"));
}
