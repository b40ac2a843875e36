import { finishMemo } from "../../memo/done.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { loadProject } from "../../project/project.ts";
import { makeVisible } from "../../text/visible.ts";
import { type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { readAll } from "../prompt.ts";
import { shortPath } from "../render-error.ts";

export async function runMemoDone(io: Io, args: readonly string[], options: Options): Promise<Outcome> {
  const project = loadProject(findProjectRoot(io.cwd));
  const note = textOption(options, "note");
  const report = await finishMemo(
    project,
    args[0] ?? "",
    {
      note: note === "-" ? await readAll(io) : note,
      unfinished: textOption(options, "unfinished"),
      role: textOption(options, "from"),
    },
    io.context,
  );
  const { memo, archived, commit, receipt } = report;
  const lines = [
    `done: ${makeVisible(memo.subject, { newlines: false })}`,
    `  archived: ${shortPath(archived, io.cwd)}`,
    `  commit: ${commit.slice(0, 12)}`,
  ];
  if (receipt !== null) {
    const why = receipt.reason === undefined ? "" : ` (${receipt.reason})`;
    lines.push(`  receipt: ${receipt.outcome} to ${receipt.to}${why}`);
  }
  return outcome({ id: memo.id, archived, commit, receipt }, lines.join("\n"));
}
