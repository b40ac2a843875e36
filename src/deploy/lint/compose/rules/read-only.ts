import { type ComposeRule, wholeServices } from "../rule.ts";

export const readOnly: ComposeRule = {
  id: "compose.read-only",
  level: "warning",
  summary: "a container's root is read-only, where its image allows that",
  why: "An intruder can leave nothing behind in it, and what is written without a volume shows at once.",
  *check(project) {
    for (const service of wholeServices(project)) {
      if (service.isOn("read_only")) continue;
      yield {
        spot: service,
        message: `'${service.name}' may write to its own image`,
        fix: "add read_only: true and tmpfs: [/tmp]; where the image does not allow it, suppress this with the reason",
      };
    }
  },
};
