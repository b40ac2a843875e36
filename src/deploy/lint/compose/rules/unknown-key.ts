import { nearest } from "../../../../text/similar.ts";
import { quoteUntrusted } from "../../../../text/visible.ts";
import type { ComposeRule } from "../rule.ts";
import type { Value } from "../yaml-value.ts";

// The Compose specification's JSON schema, github.com/compose-spec/compose-spec, and two keys of the old format.
const TOP = "version name include services models networks volumes secrets configs".split(" ");
const SERVICE =
  `annotations attach blkio_config build cap_add cap_drop cgroup cgroup_parent command configs container_name cpu_count cpu_percent
  cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset credential_spec depends_on deploy develop
  device_cgroup_rules devices dns dns_opt dns_search domainname entrypoint env_file environment expose extends external_links
  extra_hosts gpus group_add healthcheck hostname image init ipc isolation label_file labels links logging mac_address mem_limit
  mem_reservation mem_swappiness memswap_limit models network_mode networks oom_kill_disable oom_score_adj pid pids_limit platform
  ports post_start pre_stop privileged profiles provider pull_policy pull_refresh_after read_only restart runtime scale secrets
  security_opt shm_size stdin_open stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits use_api_socket user
  userns_mode uts volume_driver volumes volumes_from working_dir`.split(/\s+/);
const HEALTHCHECK = "disable interval retries start_interval start_period test timeout".split(" ");
const DEPLOY =
  "endpoint_mode labels mode placement replicas resources restart_policy rollback_config update_config".split(
    " ",
  );

export const unknownKey: ComposeRule = {
  id: "compose.unknown-key",
  level: "error",
  summary: "every key is one of the Compose specification's",
  why: "Compose refuses the file, or an older one ignores what was meant as a limit.",
  *check({ layers, services, source }) {
    for (const layer of layers.filter((one) => one.source === source)) yield* unknownIn(layer, TOP);
    for (const service of services) {
      const [own] = service.layers;
      if (own === undefined) continue;
      yield* unknownIn(own, SERVICE);
      yield* unknownIn(own.get("healthcheck"), HEALTHCHECK);
      yield* unknownIn(own.get("deploy"), DEPLOY);
    }
  },
};

function* unknownIn(map: Value | undefined, known: readonly string[]) {
  for (const entry of map?.entries() ?? []) {
    if (entry.key.startsWith("x-") || known.includes(entry.key)) continue;
    const near = nearest(entry.key, known);
    yield {
      spot: entry,
      message: `the Compose specification has no ${quoteUntrusted(entry.key)} here`,
      fix:
        near === undefined
          ? "delete it, or let its name begin with x-; a service stands under services:"
          : `did you mean ${near}?`,
    };
  }
}
