import type { Problem } from "../../rule.ts";
import type { ComposeRule } from "../rule.ts";
import { readDependencies, type Service } from "../service.ts";

export const dependsOnCycle: ComposeRule = {
  id: "compose.depends-on-cycle",
  level: "error",
  summary: "no service depends on itself, be it around a corner",
  why: "Compose finds none to begin with and refuses to start.",
  *check({ services }) {
    const byName = new Map(services.map((service) => [service.name, service]));
    const done = new Set<string>();
    for (const service of services) yield* findCycles(service, byName, done);
  },
};

/** Depth first without recursion: a chain may be as long as a file. */
function* findCycles(
  start: Service,
  byName: ReadonlyMap<string, Service>,
  done: Set<string>,
): Generator<Problem> {
  const trail: { service: Service; rest: ReturnType<typeof readDependencies> }[] = [];
  const open = new Set<string>();
  const enter = (service: Service) => {
    if (done.has(service.name)) return;
    open.add(service.name);
    trail.push({ service, rest: readDependencies(service) });
  };
  enter(start);
  for (let top = trail.at(-1); top !== undefined; top = trail.at(-1)) {
    const next = top.rest.shift();
    const service = byName.get(next?.name ?? "");
    if (next === undefined) {
      open.delete(top.service.name);
      done.add(top.service.name);
      trail.pop();
    } else if (service !== undefined && open.has(service.name)) {
      const names = trail.map((step) => step.service.name);
      const circle = [...names.slice(names.indexOf(service.name)), service.name].slice(0, 10).join(" → ");
      yield {
        spot: next,
        message: `this depends on itself: ${circle}`,
        fix: "delete one of the two dependencies",
      };
    } else if (service !== undefined) enter(service);
  }
}
