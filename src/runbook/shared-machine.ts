import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { mapSideBySide } from "../platform/side-by-side.ts";
import type { Inventory } from "../project/inventory.ts";
import { hostOf } from "./current-content.ts";
import { type HostIdentity, identifyHost } from "./host-identity.ts";
import { hostTier, TIERS } from "./tier.ts";

/** How many hosts are looked up at a time: each takes a process or more. */
const AT_ONCE = 4;

/**
 * Refuses a runbook whose milder host is, by ssh's configuration or by its host key, a machine that the inventory has
 * under a higher tier as well. Agents write the inventory: a second name for a live machine would be a way round what
 * counts there. Looks at what is known here, and connects nowhere.
 *
 * @throws VibeopsError `approval.host-twice`
 */
export async function refuseSharedMachines(
  hosts: readonly string[],
  inventory: Inventory,
  env: Context["env"],
): Promise<void> {
  const rank = (name: string) => TIERS.indexOf(hostTier(hostOf(inventory, name)));
  const remote = Object.keys(inventory.hosts).filter((name) => hostOf(inventory, name)?.transport === "ssh");
  const highest = Math.max(0, ...remote.map(rank));
  const milder = hosts.filter((name) => remote.includes(name) && rank(name) < highest);
  if (milder.length === 0) return;
  const lowest = Math.min(...milder.map(rank));
  const looked = remote.filter((name) => milder.includes(name) || rank(name) > lowest);
  const found = await mapSideBySide(looked, AT_ONCE, (name) => identify(name, inventory, env));
  const known = found.flatMap((identity) => identity ?? []);
  for (const one of known.filter(({ name }) => milder.includes(name))) {
    const other = known.find((two) => rank(two.name) > rank(one.name) && isSameMachine(one, two));
    if (other !== undefined) throw refusal(one.name, other.name, inventory);
  }
}

/** With every key that is known: what the inventory pins decides whom we meet, not which machine it is. */
async function identify(
  name: string,
  inventory: Inventory,
  env: Context["env"],
): Promise<HostIdentity | null> {
  const entry = hostOf(inventory, name);
  if (entry === undefined) return null;
  const { host_keys: _, ...host } = entry;
  try {
    return await identifyHost(name, host, env);
  } catch (error) {
    if (error instanceof VibeopsError && error.code === "host.unresolved") return null;
    throw error;
  }
}

/** The same way there, whoever logs in; or a key of its own in common. One that certifies others is many machines'. */
function isSameMachine(one: HostIdentity, other: HostIdentity): boolean {
  const wayOf = ({ resolved }: HostIdentity) => resolved.slice(resolved.indexOf("@") + 1);
  if (wayOf(one) === wayOf(other)) return true;
  const keysOf = ({ keys }: HostIdentity) => keys.filter(({ line }) => !line.startsWith("@"));
  const theirs = keysOf(other).map(({ fingerprint }) => fingerprint);
  return keysOf(one).some(({ fingerprint }) => theirs.includes(fingerprint));
}

function refusal(name: string, other: string, inventory: Inventory): VibeopsError {
  const tierOf = (one: string) => hostTier(hostOf(inventory, one));
  return new VibeopsError({
    code: "approval.host-twice",
    exit: Exit.refused,
    message: `host ${name} counts as ${tierOf(name)}, and by its address or host key it is ${other}, which is ${tierOf(other)}`,
    file: "inventory.yaml",
    fix: "make them one host, or give them one tier: the higher one; two machines that share a host key need one each",
  });
}
