import { readCpus } from "../../../compose-file/amounts.ts";
import { type ComposeRule, wholeServices } from "../rule.ts";

export const cpuLimit: ComposeRule = {
  id: "compose.cpu-limit",
  level: "warning",
  summary: "every service has a CPU limit",
  why: "A busy loop in one of them slows down everything else on the host.",
  *check(project) {
    const fix = "add cpus: 0.5, or what it needs";
    for (const service of wholeServices(project)) {
      if (service.get("cpu_quota") !== undefined || service.get("cpu_count") !== undefined) continue;
      const value = service.get("cpus") ?? service.get("deploy", "resources", "limits", "cpus");
      if (value === undefined) yield { spot: service, message: `'${service.name}' has no CPU limit`, fix };
      const filled = value === undefined ? null : value.filled;
      if (value !== undefined && filled !== null && !readCpus(filled))
        yield { spot: value, message: `the CPU limit of '${service.name}' is none`, fix };
    }
  },
};
