import type { Rule } from "../rule.ts";
import type { ComposeProject } from "./project.ts";
import { readDependencies, readRestart, type Service } from "./service.ts";

/** One rule over a Compose file. Each has a file of its own in rules/. */
export type ComposeRule = Rule<ComposeProject>;

/** Services of which it can be said that something is missing. */
export function wholeServices({ services }: ComposeProject): Service[] {
  // A provider's service is no container.
  return services.filter((service) => !service.isPartial && service.get("provider") === undefined);
}

/** Whether it runs once, or only when somebody asks for it: it need be neither healthy nor up. */
export function isTask(service: Service, project: ComposeProject): boolean {
  const isAsked = profilesOf(service).length > 0 && !isTurnedOn(service, project);
  if (isAsked || readRestart(service)?.policy === "no") return true;
  return jobsOf(project).has(service.name);
}

function profilesOf(service: Service): string[] {
  return service.items("profiles").map(({ known }) => known);
}

function isTurnedOn(service: Service, project: Pick<ComposeProject, "profiles">): boolean {
  return profilesOf(service).some((name) => project.profiles.has(name));
}

/**
 * Services that want what only one can have, as a port. Of two that share no profile one stands in for the other: they
 * never meet, unless both are turned on. Each question takes as long as a service has profiles.
 */
export class Rivals {
  readonly #project: Pick<ComposeProject, "profiles">;
  readonly #byProfile = new Map<string, Service>();
  #first: Service | undefined;
  #always: Service | undefined;
  #turnedOn: Service | undefined;

  constructor(project: Pick<ComposeProject, "profiles">) {
    this.#project = project;
  }

  /** One that may run at the same time. */
  find(service: Service): Service | undefined {
    const profiles = profilesOf(service);
    if (profiles.length === 0) return this.#first;
    const alike = profiles.map((name) => this.#byProfile.get(name)).find((one) => one !== undefined);
    return this.#always ?? alike ?? (isTurnedOn(service, this.#project) ? this.#turnedOn : undefined);
  }

  add(service: Service): void {
    const profiles = profilesOf(service);
    this.#first ??= service;
    if (profiles.length === 0) this.#always ??= service;
    if (isTurnedOn(service, this.#project)) this.#turnedOn ??= service;
    for (const name of profiles) if (!this.#byProfile.has(name)) this.#byProfile.set(name, service);
  }
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
