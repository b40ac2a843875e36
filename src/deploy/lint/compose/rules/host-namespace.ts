import type { ComposeRule } from "../rule.ts";

const KEYS = ["network_mode", "pid", "ipc", "uts", "userns_mode", "cgroup"];

export const hostNamespace: ComposeRule = {
  id: "compose.host-namespace",
  level: "error",
  summary: "no container shares the host's network, processes or memory",
  why: "It then sees and reaches what runs beside it: services on loopback, processes, shared memory.",
  *check({ services }) {
    for (const service of services)
      for (const key of KEYS) {
        const value = service.get(key);
        if (value?.text !== "host") continue;
        const fix =
          key === "network_mode" ? "delete it and publish the port: 127.0.0.1:PORT:PORT" : "delete it";
        yield { spot: value, message: `'${service.name}' shares the host's: ${key}`, fix };
      }
  },
};
