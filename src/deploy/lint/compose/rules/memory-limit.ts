import { readBytes } from "../../../compose-file/amounts.ts";
import { type ComposeRule, wholeServices } from "../rule.ts";

export const memoryLimit: ComposeRule = {
  id: "compose.memory-limit",
  level: "warning",
  summary: "every service has a memory limit",
  why: "One leak takes the memory of everything else on the host, and then the host.",
  *check(project) {
    const fix = "add mem_limit: 256m, or what it needs";
    for (const service of wholeServices(project)) {
      const value = service.get("mem_limit") ?? service.get("deploy", "resources", "limits", "memory");
      if (value === undefined) yield { spot: service, message: `'${service.name}' has no memory limit`, fix };
      const filled = value === undefined ? null : value.filled;
      if (value === undefined || filled === null) continue;
      const bytes = readBytes(filled);
      if (bytes === null || bytes === 0)
        yield {
          spot: value,
          message: `the memory limit of '${service.name}' ${bytes === 0 ? "is none" : "cannot be read"}`,
          fix: "write a number above 0 with b, k, m or g behind it: 256m",
        };
    }
  },
};
