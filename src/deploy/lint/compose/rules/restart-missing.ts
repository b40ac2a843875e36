import { type ComposeRule, isTask, wholeServices } from "../rule.ts";

export const restartMissing: ComposeRule = {
  id: "compose.restart-missing",
  level: "warning",
  summary: "a service says whether it restarts",
  why: "Without a word it stays down after a crash or a reboot.",
  *check(project) {
    for (const service of wholeServices(project)) {
      if (service.get("restart") !== undefined || service.get("deploy", "restart_policy") !== undefined)
        continue;
      if (isTask(service, project)) continue;
      yield {
        spot: service,
        message: `'${service.name}' stays down after a crash or a reboot`,
        fix: 'add restart: unless-stopped, or restart: "no" where it is to run once',
      };
    }
  },
};
