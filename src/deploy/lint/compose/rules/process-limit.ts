import { type ComposeRule, wholeServices } from "../rule.ts";

export const processLimit: ComposeRule = {
  id: "compose.process-limit",
  level: "warning",
  summary: "every service has a limit of processes",
  why: "A fork bomb, or a leak of threads, takes the whole host's process table otherwise.",
  *check(project) {
    const fix = "add pids_limit: 256, or what it needs";
    for (const service of wholeServices(project)) {
      const value = service.get("pids_limit") ?? service.get("deploy", "resources", "limits", "pids");
      if (value === undefined)
        yield { spot: service, message: `'${service.name}' has no limit of processes`, fix };
      const filled = value === undefined ? null : value.filled;
      if (value !== undefined && filled !== null && !/^[1-9]\d*$/.test(filled))
        yield { spot: value, message: `the limit of processes of '${service.name}' is none`, fix };
    }
  },
};
