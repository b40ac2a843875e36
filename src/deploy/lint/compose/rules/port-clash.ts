import { clash, formatRange } from "../../../compose-file/ports.ts";
import { type Port, readPorts } from "../ports.ts";
import type { ComposeProject } from "../project.ts";
import { type ComposeRule, Rivals } from "../rule.ts";
import type { Service } from "../service.ts";

/** A port, and the services that publish it in just this way. */
interface Published {
  readonly port: Port;
  readonly rivals: Rivals;
}

export const portClash: ComposeRule = {
  id: "compose.port-clash",
  level: "error",
  summary: "no two services publish the same port",
  why: "The second one does not start.",
  *check(project) {
    const seen = new PublishedPorts(project);
    for (const service of project.services)
      for (const port of readPorts(service)) {
        const other = seen.findClash(service, port);
        seen.add(service, port);
        if (other === undefined || port.published === null) continue;
        const who = other === service ? "twice" : `and '${other.name}' does, too`;
        yield {
          spot: port,
          message: `'${service.name}' publishes port ${formatRange(port.published)} ${who}`,
          fix: "give one of them another port",
        };
      }
  },
};

/** Single ports by their number, so that a long list stays linear; ranges are few. */
class PublishedPorts {
  readonly #project: ComposeProject;
  readonly #all = new Map<string, Published>();
  readonly #ranges: Published[] = [];
  readonly #single = new Map<number, Published[]>();

  constructor(project: ComposeProject) {
    this.#project = project;
  }

  /** The service that has it already. */
  findClash(service: Service, port: Port): Service | undefined {
    const { published } = port;
    if (published === null) return undefined;
    const find = (entries: Iterable<Published>) => {
      for (const other of entries) {
        const found = clash(other.port, port) ? other.rivals.find(service) : undefined;
        if (found !== undefined) return found;
      }
    };
    if (published.from !== published.to) return find(this.#all.values());
    return find(this.#single.get(published.from) ?? []) ?? find(this.#ranges);
  }

  add(service: Service, port: Port): void {
    const { published, hostIp, protocol, target } = port;
    if (published === null) return;
    const key = JSON.stringify([published, hostIp, protocol, target.to - target.from]);
    const known = this.#all.get(key);
    const entry = known ?? { port, rivals: new Rivals(this.#project) };
    entry.rivals.add(service);
    if (known !== undefined) return;
    this.#all.set(key, entry);
    if (published.from !== published.to) this.#ranges.push(entry);
    else {
      const same = this.#single.get(published.from) ?? [];
      same.push(entry);
      this.#single.set(published.from, same);
    }
  }
}
