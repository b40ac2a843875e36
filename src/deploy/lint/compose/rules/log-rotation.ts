import { type ComposeRule, wholeServices } from "../rule.ts";

/** These rotate by themselves, or keep nothing on the host. */
const NEED_A_LIMIT = new Set(["", "json-file"]);

export const logRotation: ComposeRule = {
  id: "compose.log-rotation",
  level: "warning",
  summary: "logs rotate: `max-size` and `max-file`",
  why: "Docker keeps every line for ever otherwise, until the disk is full.",
  *check(project) {
    for (const service of wholeServices(project)) {
      if (!NEED_A_LIMIT.has(service.text("logging", "driver"))) continue;
      const lacks = ["max-size", "max-file"].filter((key) => service.text("logging", "options", key) === "");
      if (lacks.length === 0) continue;
      yield {
        spot: service.get("logging") ?? service,
        message: `the log of '${service.name}' grows without ${lacks.join(" and ")}`,
        fix: 'add logging: { driver: json-file, options: { max-size: 10m, max-file: "3" } }',
      };
    }
  },
};
