import { readMounts } from "../mounts.ts";
import type { ComposeRule } from "../rule.ts";

export const anonymousVolume: ComposeRule = {
  id: "compose.anonymous-volume",
  level: "warning",
  summary: "a volume has a name",
  why: "Nobody finds an anonymous one again for a backup, and the next container gets another.",
  *check({ services }) {
    for (const service of services)
      for (const mount of readMounts(service)) {
        // `/app/node_modules` without a name keeps a folder of the image from being covered: nothing to lose.
        if (
          mount.kind !== "volume" ||
          mount.from !== "" ||
          /node_modules|vendor|\.venv|target|\.next/.test(mount.to ?? "")
        )
          continue;
        yield {
          spot: mount,
          message: `a volume of '${service.name}' has no name`,
          fix: "write NAME:/PATH and declare NAME under volumes:",
        };
      }
  },
};
