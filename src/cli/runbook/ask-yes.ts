import { Exit, VibeopsError } from "../../errors.ts";
import type { Io } from "../io.ts";
import { LineReader } from "../line-reader.ts";

/**
 * A person's yes, typed out, to what was shown before.
 *
 * @param no what became of it without a yes, and what to do then
 * @throws VibeopsError `trust.declined` (exit 6)
 */
export async function askYes(
  io: Io,
  question: string,
  no = { message: "nothing was changed", fix: "see who is trusted: vibeops trust list" },
): Promise<void> {
  const lines = new LineReader(io);
  try {
    if (await typesYes(lines, question)) return;
  } finally {
    lines.close();
  }
  throw new VibeopsError({
    code: "trust.declined",
    exit: Exit.humanNeeded,
    message: `you did not say yes; ${no.message}`,
    fix: no.fix,
  });
}

/** Whether a person types the whole word. Who types a part of it, or mistypes it, is asked once more. */
export async function typesYes(lines: LineReader, question: string): Promise<boolean> {
  const typed = async (words: string) => (await lines.ask(words)).trim().toLowerCase();
  const answer = await typed(`${question} Type yes: `);
  const isAlmost = answer !== "yes" && answer.startsWith("y");
  return (isAlmost ? await typed("The whole word, yes; anything else means no: ") : answer) === "yes";
}
