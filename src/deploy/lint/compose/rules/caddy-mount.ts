import { readMounts } from "../mounts.ts";
import type { ComposeRule } from "../rule.ts";

export const caddyMount: ComposeRule = {
  id: "compose.caddy-mount",
  level: "warning",
  summary: "the folder of the Caddyfile is mounted, not the single file",
  why: "An editor or a deployment replaces the file: the mount still shows the old one, and `caddy reload` does nothing, silently.",
  *check({ services }) {
    for (const service of services)
      for (const mount of readMounts(service))
        if (mount.kind === "bind" && /\/Caddyfile$/.test(mount.to ?? ""))
          yield {
            spot: mount,
            message: `'${service.name}' mounts the Caddyfile as a single file`,
            fix: "mount its folder: ./caddy:/etc/caddy:ro",
          };
  },
};
