import { formatRange, isEverywhere } from "../../../compose-file/ports.ts";
import { isCaddy, isDatabase, isReverseProxy } from "../images.ts";
import { readPorts } from "../ports.ts";
import type { ComposeRule } from "../rule.ts";

/** Consoles of proxies: Caddy's, Traefik's, nginx-proxy-manager's. */
const CONSOLES = new Set([2019, 8080, 81]);

export const publicPort: ComposeRule = {
  id: "compose.public-port",
  level: "warning",
  summary: "only the reverse proxy publishes ports to the world",
  why: "Docker's own rules go around the host's firewall: what is published on every address answers the whole network.",
  *check({ services }) {
    for (const service of services.filter((one) => !isDatabase(one))) {
      for (const port of readPorts(service)) {
        // Caddy's own console has a rule of its own.
        if (!isEverywhere(port) || (isCaddy(service) && port.target.from === 2019)) continue;
        const isConsole = CONSOLES.has(port.target.from);
        if (isReverseProxy(service) && !isConsole) continue;
        const [what, shown] =
          port.published === null
            ? ["a port", "PORT"]
            : [`port ${formatRange(port.published)}`, formatRange(port.published)];
        yield {
          spot: port,
          message: `'${service.name}' publishes ${what} on every address of the host, past its firewall`,
          fix: `write "127.0.0.1:${shown}:${formatRange(port.target)}", and let the reverse proxy ask it there`,
        };
      }
    }
  },
};
