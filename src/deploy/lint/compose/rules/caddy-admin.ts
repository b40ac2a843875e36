import { isCaddy } from "../images.ts";
import { readPorts } from "../ports.ts";
import type { ComposeRule } from "../rule.ts";

export const caddyAdmin: ComposeRule = {
  id: "compose.caddy-admin",
  level: "error",
  summary: "Caddy's admin port is not published",
  why: "Whoever reaches it changes the whole configuration without a password.",
  *check({ services }) {
    for (const service of services.filter(isCaddy))
      for (const port of readPorts(service))
        if (port.target.from <= 2019 && port.target.to >= 2019)
          yield {
            spot: port,
            message: `'${service.name}' publishes Caddy's admin port`,
            fix: "delete it; reload with docker compose exec",
          };
  },
};
