import { isTrueText } from "../../../compose-file/booleans.ts";
import type { Problem } from "../../rule.ts";
import { type ComposeProject, topEntries } from "../project.ts";
import type { ComposeRule } from "../rule.ts";
import type { Service } from "../service.ts";
import type { Value } from "../value.ts";

const PUBLISH = "delete it and publish the port: 127.0.0.1:PORT:PORT";
const KEYS = ["network_mode", "pid", "ipc", "uts", "userns_mode", "cgroup"];

export const hostNamespace: ComposeRule = {
  id: "compose.host-namespace",
  level: "error",
  summary: "no container shares the host's network, processes or memory",
  why: "It then sees and reaches what runs beside it: services on loopback, processes, shared memory.",
  *check(project) {
    for (const service of project.services) {
      for (const key of KEYS) {
        const value = service.get(key);
        if (value?.known !== "host") continue;
        const fix = key === "network_mode" ? PUBLISH : "delete it";
        yield { spot: value, message: `'${service.name}' shares the host's: ${key}`, fix };
      }
      yield* hostNetworks(service, project);
    }
  },
};

/** `networks: { edge: { external: true, name: host } }` is the host's own by another name. */
function* hostNetworks(service: Service, project: ComposeProject): Generator<Problem> {
  const used = [
    ...service.items("networks").map((item) => ({ key: item.known, spot: item })),
    ...service.entries("networks").map((entry) => ({ key: entry.key, spot: entry })),
  ];
  if (used.length === 0) return;
  const ofHost = new Set(
    topEntries(project, "networks").flatMap(({ key, value }) => (isHostNetwork(key, value) ? [key] : [])),
  );
  for (const { key, spot } of used)
    if (ofHost.has(key))
      yield { spot, message: `'${service.name}' shares the host's: network, as '${key}'`, fix: PUBLISH };
}

function isHostNetwork(key: string, value: Value): boolean {
  const external = value.get("external");
  if (external === undefined) return value.get("driver")?.known === "host";
  if (external.shape !== "map" && !isTrueText(external.known)) return false;
  const name = external.get("name") ?? value.get("name");
  return (name === undefined ? key : name.known) === "host";
}
