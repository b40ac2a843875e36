import { readMounts } from "../mounts.ts";
import type { ComposeRule } from "../rule.ts";

/** Folders of programs that an image brings and any build makes again. */
const REBUILT = /\/(?:node_modules|\.venv|\.next)\/?$/;

export const anonymousVolume: ComposeRule = {
  id: "compose.anonymous-volume",
  level: "warning",
  summary: "a volume has a name",
  why: "Nobody finds an anonymous one again for a backup, and the next container gets another.",
  *check({ services }) {
    for (const service of services) {
      const mounts = readMounts(service);
      for (const mount of mounts) {
        if (mount.kind !== "volume" || mount.from !== "" || mount.to === null) continue;
        const { to } = mount;
        // `/app/node_modules` under a mounted `/app` keeps a folder of the image from being covered: nothing to lose.
        if (
          REBUILT.test(to) ||
          mounts.some(
            (other) =>
              other !== mount && other.to !== null && to.startsWith(`${other.to.replace(/\/+$/, "")}/`),
          )
        )
          continue;
        yield {
          spot: mount,
          message: `a volume of '${service.name}' has no name`,
          fix: "write NAME:/PATH and declare NAME under volumes:",
        };
      }
    }
  },
};
