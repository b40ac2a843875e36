import { type ComposeRule, wholeServices } from "../rule.ts";

export const capabilities: ComposeRule = {
  id: "compose.capabilities",
  level: "warning",
  summary: "a container drops all capabilities and gets back what it needs",
  why: "The default set lets root in a container forge packets, make devices and change owners.",
  *check(project) {
    for (const service of wholeServices(project)) {
      const dropped = service.items("cap_drop").map(({ known }) => known.toUpperCase());
      if (dropped.includes("ALL") || dropped.includes("CAP_ALL") || service.isOn("privileged")) continue;
      yield {
        spot: service,
        message: `'${service.name}' keeps the default capabilities`,
        fix: "add cap_drop: [ALL], and cap_add: with those that it needs",
      };
    }
  },
};
