import { Exit, VibeopsError } from "../../errors.ts";
import { withMailTurn } from "../../memo/mail-turn.ts";
import { requireGit } from "../../platform/git.ts";
import { commitChanges, requireIdentity } from "../../platform/git-commit.ts";
import { allOrNothing } from "../../platform/undo.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { loadProject } from "../../project/project.ts";
import type { StateEdit } from "../../state/edit-state.ts";
import { refuseSecretsInState } from "../../state/refuse-secrets.ts";
import { applyStateEdit } from "../../state/state.ts";
import { type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";

export async function runStateSet(io: Io, _args: readonly string[], options: Options): Promise<Outcome> {
  const project = loadProject(findProjectRoot(io.cwd));
  const edit = readEdit(options, io.context.now());
  const sections = Object.keys(edit);
  if (sections.length === 0) {
    throw new VibeopsError({
      code: "usage.nothing",
      exit: Exit.usage,
      message: "no section was given",
      fix: "add --status, --progress, --next or --handover",
    });
  }
  refuseSecretsInState(edit);
  const git = requireGit(project.root, io.context.env);
  await requireIdentity(git, io.context);
  const commit = await withMailTurn(git, () =>
    allOrNothing(async (undo) => {
      const change = await applyStateEdit(project, edit, undo);
      return await commitChanges(git, [change], `State: ${sections.join(", ")}`, io.context);
    }),
  );
  return outcome({ sections, commit }, `STATE.md: ${sections.join(", ")} (commit ${commit.slice(0, 12)})`);
}

function readEdit(options: Options, now: Date): StateEdit {
  const progress = textOption(options, "progress");
  const texts = {
    status: textOption(options, "status"),
    progress: progress === undefined ? undefined : `${now.toISOString().slice(0, 10)} ${progress}`,
    next: textOption(options, "next"),
    handover: textOption(options, "handover"),
  };
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== undefined));
}
