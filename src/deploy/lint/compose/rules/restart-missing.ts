import type { Problem } from "../../rule.ts";
import { type ComposeRule, isTask, wholeServices } from "../rule.ts";
import { readRestart, type Service } from "../service.ts";

export const restartMissing: ComposeRule = {
  id: "compose.restart-missing",
  level: "warning",
  summary: "a service says whether it restarts",
  why: "Without a word it stays down after a crash or a reboot.",
  *check(project) {
    for (const service of project.services) yield* unknownPolicy(service);
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

const POLICY = /^(?:no|always|unless-stopped|on-failure(?::\d+)?)?$/;

function* unknownPolicy(service: Service): Generator<Problem> {
  const restart = readRestart(service);
  if (restart === undefined || restart.value.filled === null || POLICY.test(restart.policy)) return;
  yield {
    spot: restart.value,
    level: "error",
    message: `'${service.name}' is to restart in a way that the engine does not know`,
    fix: 'write unless-stopped, on-failure or "no"',
  };
}
