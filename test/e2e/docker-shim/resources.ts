import { notCarriedOut } from "./compose-error.ts";
import { checkKeys, type Mapping, readMapping, readText } from "./values.ts";

export interface Limits {
  /** In podman-compose's own words. */
  keys: Mapping;
  runArguments: string[];
}

/** Memory, processor and process limits, from the service's own keys and from `deploy.resources`. */
export function readLimits(raw: Mapping, place: string): Limits {
  const deploy = readMapping(raw.deploy, `${place}.deploy`);
  const known = ["placement", "update_config", "rollback_config", "endpoint_mode", "labels", "mode"];
  checkKeys(deploy, `${place}.deploy`, ["resources", "restart_policy", "replicas"], known, notCarriedOut);
  if (Number(deploy.replicas ?? 1) !== 1) throw notCarriedOut(`${place}.deploy.replicas`);
  const resources = readMapping(deploy.resources, `${place}.deploy.resources`);
  const limits = readMapping(resources.limits, `${place}.deploy.resources.limits`);
  const reservations = readMapping(resources.reservations, `${place}.deploy.resources.reservations`);
  checkKeys(limits, `${place}.deploy.resources.limits`, ["cpus", "memory", "pids"], [], notCarriedOut);
  const values: [string, unknown][] = [
    ["cpus", limits.cpus ?? raw.cpus],
    ["cpu_shares", raw.cpu_shares],
    ["mem_limit", limits.memory ?? raw.mem_limit],
    ["mem_reservation", reservations.memory ?? raw.mem_reservation],
  ];
  const flags: [string, unknown][] = [
    ["--pids-limit", limits.pids ?? raw.pids_limit],
    ["--memory-swap", raw.memswap_limit],
    ["--oom-score-adj", raw.oom_score_adj],
    ["--platform", raw.platform],
  ];
  return {
    keys: Object.fromEntries(values.filter(([, value]) => value !== undefined)),
    runArguments: flags.flatMap(([flag, value]) =>
      value === undefined ? [] : [flag, readText(value, place)],
    ),
  };
}
