import type { Rule } from "../rule.ts";
import type { ComposeProject } from "./project.ts";
import { readDependencies, type Service } from "./service.ts";

/** One rule over a Compose file. Each has a file of its own in rules/. */
export type ComposeRule = Rule<ComposeProject>;

/** Services of which it can be said that something is missing. */
export function wholeServices({ services }: ComposeProject): Service[] {
  // A provider's service is no container.
  return services.filter((service) => !service.isPartial && service.get("provider") === undefined);
}

/** Whether it runs once, or only when somebody asks for it: it need be neither healthy nor up. */
export function isTask(service: Service, project: ComposeProject): boolean {
  const restart = service.text("restart");
  const profiles = service.items("profiles").map(({ filled }) => filled ?? "");
  const isAsked = profiles.length > 0 && !profiles.some((name) => project.profiles.has(name));
  if (isAsked || restart === "no" || restart === "false") return true;
  return jobsOf(project).has(service.name);
}

const jobs = new WeakMap<ComposeProject, ReadonlySet<string>>();

/** The services for whose end another one waits. */
function jobsOf(project: ComposeProject): ReadonlySet<string> {
  const known = jobs.get(project);
  if (known !== undefined) return known;
  const dependencies = project.services.flatMap(readDependencies);
  const ending = dependencies.filter(({ condition }) => condition === "service_completed_successfully");
  const found = new Set(ending.map(({ name }) => name));
  jobs.set(project, found);
  return found;
}
