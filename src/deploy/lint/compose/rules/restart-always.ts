import type { ComposeRule } from "../rule.ts";
import { readRestart } from "../service.ts";

export const restartAlways: ComposeRule = {
  id: "compose.restart-always",
  level: "error",
  summary: "nothing restarts `always`",
  why: "What a person stopped comes back after a reboot, and a stack that nobody wants any more with it.",
  *check({ services }) {
    for (const service of services) {
      const restart = readRestart(service);
      if (restart?.policy === "always")
        yield {
          spot: restart.value,
          message: `'${service.name}' comes back although a person stopped it`,
          fix: `write ${restart.value === service.get("restart") ? "restart" : "condition"}: unless-stopped`,
        };
    }
  },
};
