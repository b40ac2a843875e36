import { searchMemos } from "../../memo/search.ts";
import { makeVisible } from "../../text/visible.ts";
import type { Options } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { shortPath } from "../render-error.ts";
import { findRootToRead } from "../root-to-read.ts";
import { styleFor } from "../style.ts";

export async function runMemoSearch(io: Io, args: readonly string[], options: Options): Promise<Outcome> {
  const hits = searchMemos(await findRootToRead(io, options, "memos"), args, io.context.now());
  const style = styleFor(io);
  const blocks = hits.map((hit) => {
    const lines = hit.lines.map(({ line, text }) => `  ${line}: ${makeVisible(text, { newlines: false })}`);
    return [style.bold(shortPath(hit.path, io.cwd)), ...lines].join("\n");
  });
  return outcome({ hits }, hits.length === 0 ? "No memo holds all of these words." : blocks.join("\n"));
}
