import { posix } from "node:path";
import { readHostMounts } from "../mounts.ts";
import type { ComposeRule } from "../rule.ts";

const SENSITIVE =
  /^\/(?:(?:etc|boot|dev|proc|sys|root|usr|bin|sbin|lib|lib64|run|home|var|var\/run|var\/lib|var\/lib\/docker|var\/lib\/containers)?)\/?$/;

export const hostPath: ComposeRule = {
  id: "compose.host-path",
  level: "warning",
  summary: "no container gets the host's own folders",
  why: "With / or /etc in its hands, who is root in the container is root on the host.",
  *check(project) {
    for (const service of project.services)
      for (const mount of readHostMounts(service, project)) {
        if (mount.kind !== "bind" || mount.from === null || !SENSITIVE.test(posix.normalize(mount.from)))
          continue;
        yield {
          spot: mount,
          level: mount.readOnly ? "warning" : "error",
          message: `'${service.name}' gets '${mount.from}' of the host${mount.readOnly ? " to read" : " to write"}`,
          fix: "mount only the file or folder that it needs, read-only: /PATH:/PATH:ro",
        };
      }
  },
};
