import type { ComposeRule } from "../rule.ts";

export const privileged: ComposeRule = {
  id: "compose.privileged",
  level: "error",
  summary: "no container is privileged",
  why: "A privileged container is root on the host with all of its devices.",
  *check({ services }) {
    for (const service of services) {
      const value = service.get("privileged");
      if (value !== undefined && service.isOn("privileged"))
        yield {
          spot: value,
          message: `'${service.name}' is privileged`,
          fix: "delete it, and give what it needs by name: cap_add, devices",
        };
    }
  },
};
