import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";

/** What the caller knows about who sits there. */
export interface HumanFacts {
  /** Whether standard input and output are a terminal. No proof of a person; its absence is one of a program. */
  readonly terminal: boolean;
}

/** Set by agents' tools in the commands that they run. People set CODEX_HOME and the like for themselves. */
const AGENT_VARIABLE =
  /^(?:CLAUDECODE|CLAUDE_CODE_ENTRYPOINT|CODEX_(?!HOME$|API_KEY$).*|GEMINI_CLI|CURSOR_AGENT|OPENCODE|AI_AGENT|VIBEOPS_AGENT)$/;

/** Whether an agent's tool runs this. */
export function runsInAgent(env: Context["env"]): boolean {
  return agentVariable(env) !== undefined;
}

/** The variable that gives an agent away; undefined where there is none. */
function agentVariable(env: Context["env"]): string | undefined {
  return Object.keys(env).find((name) => AGENT_VARIABLE.test(name) && (env[name] ?? "") !== "");
}

/**
 * Refuses what only a person may do, where an agent's environment or the lack of a terminal shows that none is
 * there. The control that counts is the key that wants a passphrase or a touch; this one is for honest agents.
 *
 * @throws VibeopsError `human.agent` (exit 5), `human.terminal` (exit 6)
 */
export function requireHuman(env: Context["env"], facts: HumanFacts, act: string): void {
  refuseAgent(env, act);
  if (facts.terminal) return;
  throw new VibeopsError({
    code: "human.terminal",
    exit: Exit.humanNeeded,
    message: `there is no terminal, so there is nobody to ${act}`,
    fix: "type it in a terminal",
  });
}

/** For what a person may also script, but no agent does. @throws VibeopsError `human.agent` (exit 5) */
export function refuseAgent(env: Context["env"], act: string): void {
  const variable = agentVariable(env);
  if (variable === undefined) return;
  throw new VibeopsError({
    code: "human.agent",
    exit: Exit.refused,
    message: `${variable} is set: this is an agent's environment, and an agent does not ${act}`,
    fix: "a person types it in a terminal of their own",
  });
}
