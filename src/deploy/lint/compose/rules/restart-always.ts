import type { ComposeRule } from "../rule.ts";

export const restartAlways: ComposeRule = {
  id: "compose.restart-always",
  level: "error",
  summary: "nothing restarts `always`",
  why: "What a person stopped comes back after a reboot, and a stack that nobody wants any more with it.",
  *check({ services }) {
    for (const service of services) {
      const value = service.get("restart");
      if (value?.text === "always")
        yield {
          spot: value,
          message: `'${service.name}' comes back although a person stopped it`,
          fix: "write restart: unless-stopped",
        };
    }
  },
};
