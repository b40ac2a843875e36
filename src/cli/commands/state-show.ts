import { Exit, VibeopsError } from "../../errors.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { readState } from "../../state/state.ts";
import { makeVisible } from "../../text/visible.ts";
import type { Options } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";

export async function runStateShow(io: Io, _args: readonly string[], _options: Options): Promise<Outcome> {
  const state = readState({ root: findProjectRoot(io.cwd) });
  if (state !== null) {
    return outcome(
      { sections: state.sections, others: state.others },
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
