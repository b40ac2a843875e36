import { isCaddy } from "../images.ts";
import { readMounts } from "../mounts.ts";
import { type ComposeRule, wholeServices } from "../rule.ts";

export const caddyData: ComposeRule = {
  id: "compose.caddy-data",
  level: "error",
  summary: "Caddy keeps /data in a volume",
  why: "The certificates are in it. Losing them at each start runs into the rate limits of the certificate authority.",
  *check(project) {
    for (const service of wholeServices(project).filter(isCaddy)) {
      const isKept = readMounts(service).some(
        ({ to, kind }) => to === null || (kind !== "tmpfs" && /^\/data(?:\/caddy)?\/?$/.test(to)),
      );
      if (!isKept)
        yield {
          spot: service,
          message: `'${service.name}' loses its certificates with its container`,
          fix: "add volumes: [caddy-data:/data], and declare caddy-data",
        };
    }
  },
};
