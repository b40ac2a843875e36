import { Exit, VibeopsError } from "../../errors.ts";
import { readState } from "../../state/state.ts";
import { makeVisible } from "../../text/visible.ts";
import type { Options } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { findRootToRead } from "../root-to-read.ts";

export async function runStateShow(io: Io, _args: readonly string[], options: Options): Promise<Outcome> {
  const state = readState({ root: await findRootToRead(io, options, "state") });
  if (state !== null) {
    return outcome(
      { sections: state.sections, others: state.others, text: state.text },
      makeVisible(state.text.replaceAll("\r\n", "\n")).trimEnd(),
    );
  }
  throw new VibeopsError({
    code: "state.missing",
    exit: Exit.notFound,
    message: "this project has no STATE.md",
    fix: "run: vibeops init, or: vibeops state set --status TEXT",
  });
}
