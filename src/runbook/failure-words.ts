import { makeVisible } from "../text/visible.ts";
import type { Outcome } from "./outcome.ts";
import type { Command } from "./runbook.ts";

/**
 * How a command that failed came to its end, as the end of a sentence; null where nothing is known beyond that. What to do
 * next is another matter when its time was over than when it said no.
 */
export function howItFailed({
  outcome,
  ended,
  exit,
}: Pick<Outcome, "outcome" | "ended" | "exit">): string | null {
  if (outcome !== "failed") return null;
  if (ended === "timeout") return "took longer than it may, and was ended";
  if (ended === "interrupt") return "was interrupted, and ended";
  return exit === null || exit === 0 ? null : `ended with exit status ${exit}`;
}

/** The same of a check, which may also print something else than it should, or never come to its end. */
export function howCheckFailed(
  result: Pick<Outcome, "outcome" | "ended" | "exit" | "reported">,
  { expect }: Pick<Command, "expect">,
): string | null {
  // A person who looked themselves needs nobody to tell them.
  if (result.outcome === "ok" || result.reported === "human") return null;
  if (result.outcome === "not-run") return "did not run";
  if (result.outcome === "unknown") return "was cut off, and nothing says how it ended";
  const expected = `"${makeVisible(expect ?? "", { newlines: false })}"`;
  return howItFailed(result) ?? `ended well, but ${expected} is not in its output`;
}

/**
 * What is known of a command of which nobody knows how it ended, for whoever is about to look; null of any other. What
 * runs on a host outlives its connection for as long as it takes its wrapper to notice; see host-wrapper.ts.
 */
export function howItWasLost(
  host: string,
  { outcome, ended, reported }: Pick<Outcome, "outcome" | "ended" | "reported">,
): string | null {
  if (outcome !== "unknown" || reported === "human") return null;
  const how =
    ended === "timeout"
      ? `${host} said nothing more in the time that it may take`
      : ended === "interrupt"
        ? `${host} did not say in time that it was ended`
        : `The connection to ${host} broke while it ran`;
  return `${how}. It may run there for two minutes more: look before you run it again.`;
}

/**
 * Why a command never came to a host, as the end of a sentence, where ssh leaves a person with the wrong advice or with
 * none: the list of keys that it names is our own of that moment. Everything else it said itself, as output; none of that
 * is our word.
 */
export function whyNotReached(
  host: string,
  { stderr, ended, reported }: Pick<Outcome, "stderr" | "ended" | "reported">,
): string {
  if (ended === "interrupt" || reported === "human") return "";
  if (ended === "unlocked") {
    return `: the lock there is not this walk's any more. Somebody broke it, or the host restarted: see what was done there before you go on`;
  }
  if (!/^Host key verification failed\.\s*$/m.test(stderr)) {
    return ended === "timeout" || stderr.trim() === "" ? `: ${whyNothingBegan(host, ended)}` : "";
  }
  const doubt = `${host} was reached and showed a key that was not approved`;
  const next = `Ask by another way whose it is; only then correct your own known_hosts (ssh ${host}) and approve again`;
  return `: ${doubt}. ${next}`;
}

/** What a person can look at where a host took no command and nothing there said why. */
export function whyNothingBegan(host: string, cause: Outcome["ended"] | "done"): string {
  if (cause === "timeout") {
    return `${host} took no command in time: nothing answers there, or its login shell waits. See how far it gets: ssh -v ${host} true`;
  }
  return `${host} ended the connection before anything began. See what its login shell does: ssh ${host} true`;
}
