import { readMount } from "../mounts.ts";
import type { ComposeRule } from "../rule.ts";

export const mountForm: ComposeRule = {
  id: "compose.mount-form",
  level: "error",
  summary: "a mount is written as [SOURCE:]TARGET[:MODE]",
  why: "Compose refuses the file.",
  *check({ services }) {
    for (const service of services)
      for (const item of service.items("volumes"))
        if (item.shape === "list" || readMount(item) === null)
          yield {
            spot: item,
            message: `a volume of '${service.name}' cannot be read`,
            fix: "write it as NAME:/PATH or ./FOLDER:/PATH:ro",
          };
  },
};
