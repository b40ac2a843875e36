import { isPortRange } from "../../../compose-file/ports.ts";
import { type Port, readPort } from "../ports.ts";
import type { ComposeRule } from "../rule.ts";
import type { Value } from "../value.ts";

export const portForm: ComposeRule = {
  id: "compose.port-form",
  level: "error",
  summary: "a port is written as [ADDRESS:][PORT:]PORT[/PROTOCOL], from 1 to 65535",
  why: "Compose refuses the file.",
  *check({ services }) {
    for (const service of services)
      for (const item of service.items("ports")) {
        const port = readPort(item);
        if (port === null ? !isMisread(item) : isPossible(port)) continue;
        yield {
          spot: item,
          message: `a port of '${service.name}' cannot be read`,
          fix: 'write it as "127.0.0.1:8080:80"',
        };
      }
  },
};

/** What a variable decides may be right. */
function isMisread(item: Value): boolean {
  return item.shape === "list" || (item.text !== "" && item.filled !== null);
}

function isPossible({ target, published }: Port): boolean {
  return isPortRange(target) && (published === null || isPortRange(published));
}
