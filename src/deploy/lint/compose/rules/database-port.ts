import { isLoopback } from "../../../compose-file/ports.ts";
import { isDatabase } from "../images.ts";
import { readPorts } from "../ports.ts";
import type { ComposeRule } from "../rule.ts";

export const databasePort: ComposeRule = {
  id: "compose.database-port",
  level: "error",
  summary: "a database publishes no port",
  why: "Its services reach it over the project's network. A published one is found and tried within hours.",
  *check({ services }) {
    for (const service of services.filter(isDatabase))
      for (const port of readPorts(service)) {
        const local = isLoopback(port);
        yield {
          spot: port,
          level: local ? "warning" : "error",
          message: `the database '${service.name}' publishes a port${local ? " on this host" : ""}`,
          fix: "delete it; for a look inside use docker compose exec",
        };
      }
  },
};
