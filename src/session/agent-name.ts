import { readRunningSession } from "./session-file.ts";

/** How a record names an agent that acts: with its address, and the session that runs. */
export function nameAgent(root: string, address: string): string {
  const session = readRunningSession(root);
  return `agent ${address}${session === null ? "" : `, session ${session.id}`}`;
}
