import { redactSecrets } from "../text/secrets.ts";
import { boundText } from "./bounded-text.ts";
import type { Outcome } from "./execute.ts";
import type { Operator } from "./operator.ts";
import type { Command } from "./runbook.ts";

const RECORDED = 64 * 1024;

/**
 * Asks what a person ran on the host in place of an approved command, and what came of it. They run it in a shell of
 * their own: nobody approved it, so it does not go through us.
 */
export async function reportDeviation(operator: Operator, { host }: Command): Promise<Outcome> {
  operator.say(
    `Run it on ${host} in a shell of your own. The record will say that it is not what was approved.`,
  );
  const typed = await operator.paste("What did you run there? No line at all means: nothing");
  if (typed.trim() === "") {
    return { outcome: "not-run", exit: null, stdout: "", stderr: "", reported: "human", rawStdout: "" };
  }
  const answer = await operator.choose("Did it work?", [
    { value: "worked", label: "it worked" },
    { value: "failed", label: "it failed" },
  ]);
  const pasted = await operator.paste("Paste its output");
  const record = (text: string) => boundText(redactSecrets(text), RECORDED);
  return {
    outcome: answer === "worked" ? "ok" : "failed",
    exit: null,
    stdout: record(pasted),
    stderr: "",
    reported: "human",
    deviation: record(typed),
    rawStdout: pasted,
  };
}
