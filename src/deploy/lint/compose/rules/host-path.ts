import { readMounts } from "../mounts.ts";
import type { ComposeRule } from "../rule.ts";

const SENSITIVE =
  /^\/(?:(?:etc|boot|dev|proc|sys|root|usr|bin|sbin|lib|lib64|run|home|var\/run|var\/lib\/docker|var\/lib\/containers)?)\/?$/;

export const hostPath: ComposeRule = {
  id: "compose.host-path",
  level: "warning",
  summary: "no container gets the host's own folders",
  why: "With / or /etc in its hands, who is root in the container is root on the host.",
  *check({ services }) {
    for (const service of services)
      for (const mount of readMounts(service)) {
        if (mount.kind !== "bind" || mount.from === null || !SENSITIVE.test(mount.from)) continue;
        yield {
          spot: mount,
          level: mount.readOnly ? "warning" : "error",
          message: `'${service.name}' gets '${mount.from}' of the host${mount.readOnly ? " to read" : " to write"}`,
          fix: "mount only the file or folder that it needs, read-only: /PATH:/PATH:ro",
        };
      }
  },
};
