import { join } from "node:path";
import { fillDefaults } from "../../../interpolate.ts";
import type { ComposeProject } from "../project.ts";
import { type ComposeRule, isTask, wholeServices } from "../rule.ts";
import type { Service } from "../service.ts";

export const healthcheck: ComposeRule = {
  id: "compose.healthcheck",
  level: "warning",
  summary: "every service that stays up has a health check",
  why: "Without one nobody sees that it hangs, and nothing can wait for it. (In plain Compose a failing check restarts nothing: it only shows.)",
  *check(project) {
    for (const service of wholeServices(project)) {
      if (hasHealthcheck(service) || isTask(service, project) || isCheckedByImage(service, project)) continue;
      yield {
        spot: service.get("healthcheck") ?? service,
        message: `'${service.name}' has no health check`,
        fix: "add healthcheck: with a test: that uses a program which its image has",
      };
    }
  },
};

export function hasHealthcheck(service: Service): boolean {
  if (service.get("healthcheck") === undefined || service.text("healthcheck", "disable") === "true")
    return false;
  const test = service.get("healthcheck", "test");
  return test === undefined || (test.items()[0] ?? test).text !== "NONE";
}

/** Whether the Dockerfile that it is built from, as far as it can be read, has one. */
function isCheckedByImage(service: Service, { reader }: ComposeProject): boolean {
  const build = service.get("build");
  if (build === undefined) return false;
  const context = fillDefaults(build.shape === "map" ? (build.get("context")?.text ?? ".") : build.text);
  const name = fillDefaults(build.get("dockerfile")?.text ?? "Dockerfile");
  const path = context === null || name === null ? null : reader.find(build, join(context, name));
  if (path === null) return false;
  const read = reader.read(path);
  return "source" in read && /^[ \t]*HEALTHCHECK[ \t]/im.test(read.source.text);
}
