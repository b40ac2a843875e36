import { nearest } from "../../../../text/similar.ts";
import { quoteUntrusted } from "../../../../text/visible.ts";
import { writtenServices } from "../project.ts";
import type { ComposeRule } from "../rule.ts";
import type { Value } from "../value.ts";

// The Compose specification's JSON schema, github.com/compose-spec/compose-spec, and two keys of the old format.
const TOP = "version name include services models networks volumes secrets configs".split(" ");
const SERVICE =
  `annotations attach blkio_config build cap_add cap_drop cgroup cgroup_parent command configs container_name cpu_count cpu_percent
  cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset credential_spec depends_on deploy develop
  device_cgroup_rules devices dns dns_opt dns_search domainname entrypoint env_file environment expose extends external_links
  extra_hosts gpus group_add healthcheck hostname image init ipc isolation label_file labels links logging mac_address mem_limit
  mem_reservation mem_swappiness memswap_limit models network_mode networks oom_kill_disable oom_score_adj pid pids_limit platform
  ports post_start pre_start pre_stop privileged profiles provider pull_policy pull_refresh_after read_only restart runtime scale secrets
  security_opt shm_size stdin_open stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits use_api_socket user
  userns_mode uts volume_driver volumes volumes_from working_dir`.split(/\s+/);
/** Maps in a service, by their path. */
const IN_SERVICE: Readonly<Record<string, readonly string[]>> = {
  build:
    `additional_contexts args cache_from cache_to context dockerfile dockerfile_inline entitlements extra_hosts isolation labels
    network no_cache no_cache_filter platforms privileged provenance pull sbom secrets shm_size ssh tags target ulimits`.split(
      /\s+/,
    ),
  healthcheck: "disable interval retries start_interval start_period test timeout".split(" "),
  deploy:
    "endpoint_mode labels mode placement replicas resources restart_policy rollback_config update_config".split(
      " ",
    ),
  "deploy.resources": ["limits", "reservations"],
  "deploy.resources.limits": ["cpus", "memory", "pids"],
  "deploy.resources.reservations": ["cpus", "devices", "generic_resources", "memory"],
  logging: ["driver", "options"],
};
/** Maps under a section of the file. */
const SECTIONS: Readonly<Record<string, readonly string[]>> = {
  networks: "attachable driver driver_opts enable_ipv4 enable_ipv6 external internal ipam labels name".split(
    " ",
  ),
  volumes: "driver driver_opts external labels name".split(" "),
  secrets: "driver driver_opts environment external file labels name template_driver".split(" "),
  configs: "content environment external file labels name template_driver".split(" "),
};

export const unknownKey: ComposeRule = {
  id: "compose.unknown-key",
  level: "error",
  summary: "every key is one of the Compose specification's",
  why: "Compose refuses the file, or an older one ignores what was meant as a limit.",
  *check(project) {
    for (const document of project.documents) {
      yield* unknownIn(document, TOP);
      for (const [section, known] of Object.entries(SECTIONS))
        for (const { value } of document.get(section)?.entries() ?? []) yield* unknownIn(value, known);
    }
    for (const { value } of writtenServices(project)) {
      yield* unknownIn(value, SERVICE);
      for (const [path, known] of Object.entries(IN_SERVICE)) yield* unknownIn(valueAt(value, path), known);
    }
  },
};

function valueAt(service: Value, path: string): Value | undefined {
  return path.split(".").reduce<Value | undefined>((value, key) => value?.get(key), service);
}

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
