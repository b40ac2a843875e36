import { Exit, VibeopsError } from "../../errors.ts";
import type { Check } from "../../platform/check.ts";
import { makeVisible } from "../../text/visible.ts";
import { flagOption, type Options } from "../command.ts";
import { type Examination, examine } from "../doctor/examine.ts";
import { renderExamination, renderPlan } from "../doctor/render.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { askConsent } from "../prompt.ts";
import { talkIo } from "../talk.ts";

export async function runDoctor(io: Io, _args: readonly string[], options: Options): Promise<Outcome> {
  const found = await examine(io);
  if (!flagOption(options, "fix")) return report(io, found, []);
  const mendable = found.checks.filter(({ mend }) => mend !== undefined);
  if (mendable.length === 0) return report(io, found, []);
  const yes = flagOption(options, "yes");
  const talk = talkIo(io, options);
  talk.stdout.write(`${renderPlan(io, mendable)}\n`);
  const fix = "look at the list above, then: vibeops doctor --fix --yes";
  if (!(await askConsent(talk, "Do it?", yes, fix))) return report(io, found, []);
  const mended = await mendAll(mendable);
  return report(io, await examine(io), mended);
}

/** A mend, and why it did not work where that is so. */
interface Mended {
  name: string;
  does: string;
  problem: string | null;
}

/** What one of them meets keeps no other from being done. */
async function mendAll(checks: readonly Check[]): Promise<Mended[]> {
  const mended: Mended[] = [];
  for (const { name, mend } of checks) {
    if (mend === undefined) continue;
    mended.push({ name, does: mend.does, problem: await whyNot(mend.apply) });
  }
  return mended;
}

async function whyNot(apply: () => void | Promise<void>): Promise<string | null> {
  try {
    await apply();
    return null;
  } catch (error) {
    if (error instanceof VibeopsError) return error.message;
    throw error;
  }
}

function report(io: Io, examination: Examination, mended: readonly Mended[]): Outcome {
  const failed = examination.checks.some(({ status }) => status === "error");
  const checks = examination.checks.map(({ mend, ...check }) => ({ ...check, mend: mend?.does ?? null }));
  const lines = mended.map(({ does, problem }) => {
    return makeVisible(problem === null ? `Done: ${does}` : `Not done: ${does}: ${problem}`, {
      newlines: false,
    });
  });
  const text = [...lines, ...(lines.length > 0 ? [""] : []), renderExamination(io, examination)].join("\n");
  return outcome({ project: examination.project, checks, mended }, text, failed ? Exit.invalid : Exit.ok);
}
