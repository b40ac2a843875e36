import { isPossiblePort } from "../../../compose-file/ports.ts";
import { readPort } from "../ports.ts";
import type { ComposeRule } from "../rule.ts";
import type { Value } from "../value.ts";

export const portForm: ComposeRule = {
  id: "compose.port-form",
  level: "error",
  summary: "a port is written as [ADDRESS:][PORT:]PORT[/PROTOCOL], from 1 to 65535",
  why: "Compose refuses the file.",
  *check({ services }) {
    for (const service of services)
      for (const spot of service.items("ports")) {
        const wrong = judge(spot);
        if (wrong !== null)
          yield { spot, message: `a port of '${service.name}' ${wrong.what}`, fix: wrong.fix };
      }
  },
};

function judge(item: Value): { what: string; fix: string } | null {
  const port = readPort(item);
  if (port === null)
    return isMisread(item) ? { what: "cannot be read", fix: 'write it as "127.0.0.1:8080:80"' } : null;
  if (isPossiblePort(port)) return null;
  const fix = "write ports from 1 to 65535, of ranges as many outside as inside, over tcp, udp or sctp";
  return { what: "is none that the engine takes", fix };
}

/** What a variable decides may be right. */
function isMisread(item: Value): boolean {
  if (item.shape === "map") return item.entries().every(({ value }) => value.filled !== null);
  return item.shape === "list" || (item.text !== "" && item.filled !== null);
}
