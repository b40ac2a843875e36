import { Exit, VibeopsError } from "../../errors.ts";
import { firstRole } from "../../project/project.ts";
import { DelegatedOperator } from "../../runbook/delegated-operator.ts";
import type { Gate } from "../../runbook/gate.ts";
import { runsInAgent } from "../../runbook/human.ts";
import { defaultPrincipal } from "../../runbook/trust.ts";
import { walkRunbook } from "../../runbook/walk.ts";
import { nameAgent } from "../../session/agent-name.ts";
import { onInterrupt } from "../interrupts.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { typeable } from "../program-name.ts";

/** `runbook run --delegated`: exit 0 where it completed the walk, 6 where a person goes on. */
export async function runDelegated(
  io: Io,
  gate: Gate,
  id: string,
  role: string | undefined,
): Promise<Outcome> {
  const tell = (line: string) => void io.stderr.write(`${line}\n`);
  const controller = new AbortController();
  const { signal } = controller;
  const operator = new DelegatedOperator(await whoRuns(io, gate, role), { tell, signal });
  const facts = { terminal: false };
  const stopListening = onInterrupt(() => controller.abort());
  const walk = await walkRunbook(gate, id, { mode: "ssh", operator, facts, delegated: true }).finally(
    stopListening,
  );
  const part = id.slice(-8);
  if (walk.phase === "completed") {
    return outcome(
      walk,
      typeable(io, `Every step is done. Next, for a person: vibeops runbook verify ${part}`),
    );
  }
  return outcome(
    walk,
    typeable(io, `Next, for a person: vibeops runbook run ${part}`),
    signal.aborted ? Exit.interrupted : Exit.humanNeeded,
  );
}

/** Who the record says it was. A person who types it in a terminal of their own is not taken for an agent. */
async function whoRuns(io: Io, { project }: Gate, role: string | undefined): Promise<string> {
  if (role === undefined && io.isInteractive && !runsInAgent(io.context.env)) {
    return await defaultPrincipal(project.root, io.context.env);
  }
  const wanted = role ?? firstRole(project);
  if (!Object.hasOwn(project.config.agents, wanted)) {
    throw new VibeopsError({
      code: "agent.role",
      exit: Exit.notFound,
      message: `this project has no agent '${wanted}'`,
      fix: `one of: ${Object.keys(project.config.agents).join(", ")}`,
    });
  }
  return nameAgent(project.root, `${wanted}@${project.name}`);
}
