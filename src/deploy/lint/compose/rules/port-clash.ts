import { clash, formatRange } from "../../../compose-file/ports.ts";
import { type Port, readPorts } from "../ports.ts";
import type { ComposeRule } from "../rule.ts";
import type { Service } from "../service.ts";

interface Published {
  readonly name: string;
  readonly port: Port;
}

export const portClash: ComposeRule = {
  id: "compose.port-clash",
  level: "error",
  summary: "no two services publish the same port",
  why: "The second one does not start.",
  *check({ services }) {
    const seen = new PublishedPorts();
    for (const { name, ports } of services.map(portsOf))
      for (const port of ports) {
        const other = seen.findClash(port);
        seen.add({ name, port });
        if (other === undefined || port.published === null) continue;
        const who = other.name === name ? "twice" : `and '${other.name}' does, too`;
        yield {
          spot: port,
          message: `'${name}' publishes port ${formatRange(port.published)} ${who}`,
          fix: "give one of them another port",
        };
      }
  },
};

function portsOf(service: Service): { name: string; ports: Port[] } {
  return { name: service.name, ports: readPorts(service) };
}

/** Single ports by their number, so that a long list stays linear; ranges are few. */
class PublishedPorts {
  readonly #all: Published[] = [];
  readonly #ranges: Published[] = [];
  readonly #single = new Map<number, Published[]>();

  findClash(port: Port): Published | undefined {
    const { published } = port;
    if (published === null) return undefined;
    const find = (entries: readonly Published[]) => entries.find((other) => clash(other.port, port));
    if (published.from !== published.to) return find(this.#all);
    return find(this.#single.get(published.from) ?? []) ?? find(this.#ranges);
  }

  add(entry: Published): void {
    const { published } = entry.port;
    if (published === null) return;
    this.#all.push(entry);
    if (published.from !== published.to) this.#ranges.push(entry);
    else {
      const same = this.#single.get(published.from) ?? [];
      same.push(entry);
      this.#single.set(published.from, same);
    }
  }
}
