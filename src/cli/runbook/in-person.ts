import type { Gate } from "../../runbook/gate.ts";
import { type HumanFacts, requireHuman } from "../../runbook/human.ts";
import type { Operator } from "../../runbook/operator.ts";
import { defaultPrincipal } from "../../runbook/trust.ts";
import { type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { talkIo } from "../talk.ts";
import { oneOf } from "../values.ts";
import { TerminalOperator } from "./terminal-operator.ts";

/** How somebody at this terminal goes through a runbook. */
interface InPerson {
  readonly mode: "ssh" | "paste";
  readonly operator: Operator;
  readonly facts: HumanFacts;
}

/**
 * Has the person at this terminal do something step by step.
 *
 * @param what as in "a person has to run a runbook"
 * @throws VibeopsError `human.…` where nobody sits there, and what `act` throws
 */
export async function doInPerson<T>(
  io: Io,
  gate: Gate,
  options: Options,
  what: string,
  act: (means: InPerson) => Promise<T>,
): Promise<T> {
  const facts = { terminal: io.isInteractive };
  requireHuman(io.context.env, facts, what);
  const mode = oneOf("mode", textOption(options, "mode") ?? "ssh", ["ssh", "paste"] as const);
  const principal = await defaultPrincipal(gate.project.root, io.context.env);
  const operator = new TerminalOperator(talkIo(io, options), principal);
  try {
    return await act({ mode, operator, facts });
  } finally {
    operator.close();
  }
}
