import { spawnSync } from "node:child_process";
import { findProgram } from "./missing-components.ts";

const IP = findProgram("ip") ?? "ip";

/** A network namespace of a host's own, on a bridge that it shares with the other hosts of this test process. */
export interface HostNetwork {
  /** As `ip netns` names it. */
  namespace: string;
  bridge: string;
  /** Where this machine and the other hosts reach it. */
  address: string;
}

/** 198.18.0.0/15 is for tests; each process takes a range of it. Linux allows 15 bytes for a device's name. */
export function makeNetwork(): HostNetwork {
  const range = process.pid % 512;
  const bridge = `vibeops-${range}`;
  const prefix = `198.${18 + (range >> 8)}.${range % 256}`;
  if (!ip("link", "show", bridge)) {
    mustRun("link", "add", bridge, "type", "bridge");
    mustRun("address", "add", `${prefix}.1/24`, "dev", bridge);
    mustRun("link", "set", bridge, "up");
  }
  for (let number = 2; number < 250; number += 1) {
    const namespace = `${bridge}-${number}`;
    if (!ip("netns", "add", namespace)) continue;
    const address = `${prefix}.${number}`;
    const port = `vo${range}-${number}`;
    mustRun(
      "link",
      "add",
      port,
      "master",
      bridge,
      "type",
      "veth",
      "peer",
      "name",
      "eth0",
      "netns",
      namespace,
    );
    mustRun("link", "set", port, "up");
    mustRun("-n", namespace, "link", "set", "lo", "up");
    mustRun("-n", namespace, "address", "add", `${address}/24`, "dev", "eth0");
    mustRun("-n", namespace, "link", "set", "eth0", "up");
    return { namespace, bridge, address };
  }
  throw new Error(`no address is left on ${bridge}`);
}

/** For the shell that outlives the host: its network goes, and the bridge with the last host on it. */
export function removalCommand({ namespace, bridge }: HostNetwork): string {
  const last = `[ -n "$(ip -oneline link show master ${bridge} 2>/dev/null)" ] || ip link delete ${bridge}`;
  return `ip link delete $(echo ${namespace} | sed 's/^vibeops-/vo/') 2>/dev/null; ip netns delete ${namespace}; ${last}`;
}

function ip(...args: string[]): boolean {
  return spawnSync(IP, args).status === 0;
}

function mustRun(...args: string[]): void {
  const { status, stderr } = spawnSync(IP, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`ip ${args.join(" ")}: ${stderr}`);
}
