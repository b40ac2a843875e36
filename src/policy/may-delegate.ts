import type { DelegationFacts } from "./facts.ts";
import type { Policy } from "./policy.ts";

const DELEGABLE: readonly string[] = ["local", "staging"];

/**
 * Why an agent may not run a step by itself, as the end of "it cannot be delegated: …"; null where it may. That the
 * host is local or staging, and that an action vouches for every command, no policy can give away.
 */
export function whyNotDelegated(policy: Policy, facts: DelegationFacts): string | null {
  const { action, hostTiers, tier } = facts;
  if (action === undefined) return "it has no action";
  if (!facts.compiled) return `not all of its commands are what ${action} compiles to`;
  const other = hostTiers.find((one) => !DELEGABLE.includes(one));
  if (other !== undefined) return `it goes to a host that counts as ${other}`;
  if (hostTiers.length === 0) return "it goes to no host";
  if (tier !== "read" && !DELEGABLE.includes(tier)) return `it counts as ${tier}`;
  const isGranted = hostTiers.every((host) =>
    policy.delegate.some(
      (grant) => grant.actions.includes(action) && grant.hosts.some((one) => one === host),
    ),
  );
  return isGranted ? null : `policy.yaml does not delegate ${action} on ${hostTiers.join(" and ")} hosts`;
}

export function mayDelegate(policy: Policy, facts: DelegationFacts): boolean {
  return whyNotDelegated(policy, facts) === null;
}
