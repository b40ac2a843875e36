import { nearest } from "../../../../text/similar.ts";
import type { Problem, Spot } from "../../rule.ts";
import type { ComposeRule } from "../rule.ts";
import { readDependencies, type Service } from "../service.ts";

export const dependsOnUnknown: ComposeRule = {
  id: "compose.depends-on-unknown",
  level: "error",
  summary: "what a service depends on is there, and a condition is one that Compose knows",
  why: "Compose refuses to start the project.",
  *check({ services, isComplete }) {
    const names = new Set(services.map(({ name }) => name));
    for (const service of services) {
      yield* unknownConditions(service);
      if (isComplete) yield* unknownServices(service, names);
    }
  },
};

const CONDITIONS = ["service_started", "service_healthy", "service_completed_successfully"];

function* unknownConditions(service: Service): Generator<Problem> {
  for (const { name, condition, ...spot } of readDependencies(service))
    if (!CONDITIONS.includes(condition))
      yield {
        spot,
        message: `'${service.name}' waits for '${name}' until '${condition}', which nothing ever is`,
        fix: `write one of ${CONDITIONS.join(", ")}`,
      };
}

function* unknownServices(service: Service, names: ReadonlySet<string>): Generator<Problem> {
  for (const { name, ...spot } of namedServices(service)) {
    if (names.has(name)) continue;
    const near = nearest(name, [...names]);
    yield {
      spot,
      message: `'${service.name}' depends on '${name}', and there is no such service`,
      fix: near === undefined ? "delete it, or add the service" : `did you mean ${near}?`,
    };
  }
}

/** Services without which this one does not start. */
function namedServices(service: Service): (Spot & { readonly name: string })[] {
  const required = readDependencies(service).filter(({ isRequired }) => isRequired);
  const listed = [...service.items("links"), ...service.items("volumes_from")]
    .filter(({ filled }) => filled !== null && !filled.startsWith("container:"))
    .map(({ filled, source, offset }) => ({ name: filled?.split(":", 1)[0] ?? "", source, offset }));
  const shared = ["network_mode", "pid", "ipc"].flatMap((key) => {
    const value = service.get(key);
    const name = /^service:(.+)$/.exec(value?.filled ?? "")?.[1];
    return value === undefined || name === undefined
      ? []
      : [{ name, source: value.source, offset: value.offset }];
  });
  return [...required, ...listed, ...shared];
}
