import type { Judge, Rules } from "../call.ts";
import { showMarkers } from "../markers.ts";
import { each } from "../rules.ts";
import { opaque, type Verdict } from "../verdict.ts";

/** What an agent may do with vibeops itself: prepare and read. What decides or reaches a host is a person's. */
const allowed: readonly RegExp[] = [
  /^(status|doctor|scan|readiness|prepare|lint|changes|impact|trace|completion|help|mcp|guard)( |$)/,
  /^memo (new|list|show|check|done|reply|search|adopt|lint)( |$)/,
  /^state (show|set)( |$)/,
  /^session (start|end)( |$)/,
  /^agents list( |$)/,
  /^inventory (show|check)( |$)/,
  /^runbook (new|list|show|lint|compile|actions)( |$)/,
  /^policy (check|explain|test)( |$)/,
  /^grant (list|explain)( |$)/,
  /^trust list( |$)/,
  /^release notes( |$)/,
  /^incident (open|note)( |$)/,
  /^audit verify( |$)/,
  /^projects list( |$)/,
];

const judgeVibeops: Judge = ({ name, args }) => {
  const words = args.filter((arg) => !/^--?(json|no-color|quiet|q|help|h|version|V|dry-run)$/.test(arg));
  const text = words.join(" ");
  if (words.length === 0 || allowed.some((pattern) => pattern.test(text))) {
    return args.includes("--fix")
      ? opaque(`"${name}" with --fix changes what a person set up.`, "--fix")
      : null;
  }
  return opaque(
    `"${name} ${showMarkers(words.slice(0, 2).join(" "))}" is a decision, or reaches a host: a person runs it.`,
    words[0],
  );
};

/** A function or an alias of this name would answer in our place. */
export function judgeReplacing(name: string): Verdict | null {
  return name === "vibeops" ? opaque("Something else would answer to the name of vibeops.", name) : null;
}

export const vibeops: Rules = each("vibeops vibeops.js", judgeVibeops);
