import type { Operator } from "./operator.ts";
import { NOT_RUN, type Outcome } from "./outcome.ts";
import { recordedText } from "./recorded-text.ts";
import type { Command } from "./runbook.ts";

/**
 * Asks what a person ran on the host in place of an approved command, and what came of it. They run it in a shell of
 * their own: nobody approved it, so it does not go through us.
 */
export async function reportDeviation(operator: Operator, { host }: Pick<Command, "host">): Promise<Outcome> {
  operator.say(
    `Run it on ${host} in a shell of your own. The record will say that it is not what was approved.`,
  );
  return await askForDeviation(operator, "What did you run there?");
}

/** The same where they have run it already. */
export async function askForDeviation(operator: Operator, question: string): Promise<Outcome> {
  const typed = await operator.paste(`${question} No line at all means: nothing`);
  if (typed.trim() === "") return NOT_RUN;
  const answer = await operator.choose("Did it work?", [
    { value: "worked", label: "it worked" },
    { value: "failed", label: "it failed" },
  ]);
  return { ...(await askForOutput(operator, answer)), deviation: recordedText(typed) };
}

/** What a person says of a command that they ran. */
export async function askForOutput(operator: Operator, how: "worked" | "failed"): Promise<Outcome> {
  const pasted = await operator.paste("Paste its output");
  const outcome = how === "worked" ? "ok" : "failed";
  return { ...NOT_RUN, outcome, stdout: recordedText(pasted), rawStdout: pasted };
}
