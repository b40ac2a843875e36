import { text } from "node:stream/consumers";
import { answerHook } from "../../agent/vendors/answer-hook.ts";
import { vendors } from "../../agent/vendors/vendor.ts";
import { Exit } from "../../errors.ts";
import { type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { oneOf } from "../values.ts";

/** The slow way in, for spellings that bin/vibeops.js does not know, such as `--hook=claude`. */
export async function runGuard(io: Io, _args: readonly string[], options: Options): Promise<Outcome> {
  const vendor = oneOf("hook", textOption(options, "hook") ?? "", vendors);
  const answer = await answerHook(vendor, await text(io.stdin), { env: io.context.env, cwd: io.cwd });
  if (answer.stderr !== "") io.stderr.write(answer.stderr);
  const shown = answer.stdout.trimEnd();
  return outcome(shown === "" ? null : JSON.parse(shown), shown, answer.exit === 0 ? Exit.ok : Exit.usage);
}
