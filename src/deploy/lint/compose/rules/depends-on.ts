import type { Problem } from "../../rule.ts";
import { isBuilt } from "../images.ts";
import type { ComposeProject } from "../project.ts";
import type { ComposeRule } from "../rule.ts";
import { type Dependency, readDependencies, type Service } from "../service.ts";
import { hasHealthcheck } from "./healthcheck.ts";

export const dependsOn: ComposeRule = {
  id: "compose.depends-on",
  level: "warning",
  summary: "a service waits until what it needs is healthy",
  why: "A container that has started answers nobody yet; the first requests fail, or the service gives up.",
  *check(project) {
    for (const service of project.services)
      for (const dependency of readDependencies(service)) yield* judge(service, dependency, project);
  },
};

function* judge(service: Service, dependency: Dependency, project: ComposeProject): Generator<Problem> {
  const other = project.services.find(({ name }) => name === dependency.name);
  if (other === undefined) return;
  if (dependency.condition === "service_started" && hasHealthcheck(other))
    yield {
      spot: dependency,
      message: `'${service.name}' does not wait until '${other.name}' is healthy`,
      fix: `write depends_on: { ${other.name}: { condition: service_healthy } }`,
    };
  // An image may bring a check of its own.
  if (
    dependency.condition === "service_healthy" &&
    !other.isPartial &&
    !hasHealthcheck(other) &&
    !isBuilt(other)
  )
    yield {
      spot: dependency,
      message: `'${service.name}' waits until '${other.name}' is healthy, and nothing here checks that`,
      fix: `add a healthcheck: to ${other.name}`,
    };
}
