import type { Candidate } from "../agent/commands/candidate.ts";
import { findCandidates, findStopped } from "../agent/commands/propose-commands.ts";
import { readProjectFacts } from "../agent/vendors/project-facts.ts";
import { makeVisible } from "../text/visible.ts";

/** What agents of a project would be stopped at, though its own files say that it checks or builds. */
export function stoppedHere(root: string): Candidate[] {
  const facts = readProjectFacts(root);
  return findStopped(findCandidates(root, facts.hosts), facts);
}

/** One line for each, with the line that lets it. The file is a person's to change. */
export function describeStopped(stopped: readonly Candidate[]): string[] {
  return stopped.map(({ name, command, why }) => {
    const reason = why === null ? "" : ` Read first what it runs: ${why}`;
    return visible(
      `agents are stopped at \`${command}\` until vibeops.yaml has under commands \`${name}: ${command}\`.${reason}`,
    );
  });
}

function visible(text: string): string {
  return makeVisible(text, { newlines: false });
}
