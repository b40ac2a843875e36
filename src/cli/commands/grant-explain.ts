import { Exit, isSystemError, VibeopsError } from "../../errors.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { explainGrant, type GrantExplanation } from "../../project/explain-grants.ts";
import { memoTypes } from "../../project/memo-types.ts";
import { loadProject, type Project } from "../../project/project.ts";
import { makeVisible } from "../../text/visible.ts";
import { wrapProse } from "../../text/wrap.ts";
import { type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { typeable } from "../program-name.ts";
import { shortPath } from "../render-error.ts";
import { lineWidth, styleFor } from "../style.ts";
import { oneOf } from "../values.ts";

export async function runGrantExplain(io: Io, args: readonly string[], options: Options): Promise<Outcome> {
  const [from = "", to = ""] = args;
  const type = textOption(options, "type");
  const read = textOption(options, "read");
  const question = {
    type: type === undefined ? undefined : oneOf("type", type, memoTypes),
    read: read === undefined ? undefined : oneOf("read", read, ["state", "memos"]),
  };
  const explained = explainGrant(projectHere(io), io.cwd, [from, to], question, io.context.now());
  return outcome(explained, render(io, explained), explained.granted ? Exit.ok : Exit.refused);
}

/** Both may be named by their folders, from anywhere. */
function projectHere(io: Io): Project | null {
  try {
    return loadProject(findProjectRoot(io.cwd));
  } catch (error) {
    if (error instanceof VibeopsError && error.code === "project.missing") return null;
    if (isSystemError(error, "ENOENT")) return null;
    throw error;
  }
}

function render(io: Io, { from, to, act, granted, steps, types, read }: GrantExplanation): string {
  const style = styleFor(io);
  const width = lineWidth(io);
  const answer = granted ? style.green("Yes") : style.red("No");
  const lines = steps.flatMap(({ holds, says, file, line, fix }) => {
    const place = line === undefined ? shortPath(file, io.cwd) : `${shortPath(file, io.cwd)}:${line}`;
    const mark = holds ? style.green("yes") : style.red("no ");
    return [
      `  ${mark}  ${wrapUnder(visible(says), width)}`,
      ...(file === "" ? [] : [style.dim(`       ${visible(place)}`)]),
      ...(fix === undefined ? [] : [`       fix: ${wrapUnder(visible(typeable(io, fix)), width)}`]),
    ];
  });
  const today = [
    ...(types.length === 0 ? [] : [`mail (${types.join(", ")})`]),
    ...(read.length === 0 ? [] : [`reading (${read.join(", ")})`]),
  ];
  const all = today.length === 0 ? "nothing" : today.join(", ");
  const head = `${answer}: ${visible(from)} may${granted ? "" : " not"} ${act} ${visible(to)}.`;
  return [head, ...lines, `What ${visible(to)} grants ${visible(from)} today: ${all}.`].join("\n");
}

function visible(text: string): string {
  return makeVisible(text, { newlines: false });
}

function wrapUnder(text: string, width: number): string {
  return wrapProse(text, width - 12).replaceAll("\n", "\n       ");
}
