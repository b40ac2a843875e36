import { type ComposeRule, Rivals } from "../rule.ts";

export const containerName: ComposeRule = {
  id: "compose.container-name",
  level: "error",
  summary: "container names are valid, and no two are the same",
  why: "The second container of a name does not start.",
  *check(project) {
    const seen = new Map<string, Rivals>();
    for (const service of project.services) {
      const value = service.get("container_name");
      const name = value === undefined ? null : value.filled;
      if (value === undefined || name === null) continue;
      const copies = Number((service.get("scale") ?? service.get("deploy", "replicas"))?.filled ?? 1);
      if (copies > 1)
        yield {
          spot: value,
          message: `'${service.name}' is to run ${copies} times under one container name`,
          fix: "delete the name: Compose makes names of its own",
        };
      const rivals = seen.get(name) ?? new Rivals(project);
      const other = rivals.find(service);
      rivals.add(service);
      seen.set(name, rivals);
      if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name))
        yield {
          spot: value,
          message: `the container name of '${service.name}' is none`,
          fix: "use letters, digits, _ . and -, or delete it",
        };
      else if (other !== undefined)
        yield {
          spot: value,
          message: `'${other.name}' has the same container name`,
          fix: "delete both: Compose makes names of its own",
        };
    }
  },
};
