import { imageWord, technologyOf } from "../known-kinds.ts";
import type { Assembly } from "./assembly.ts";
import { distinctFacts, type Facts, type FoundDependency, type Unit } from "./facts.ts";

interface Found {
  readonly unit: Unit | null;
  readonly manifests: Facts;
  readonly code: Partial<Facts>;
}

/**
 * What the service needs: what its Compose file says, and what its drivers and addresses give away. Drivers for two
 * databases may be a choice that the configuration makes, so of two nobody is taken.
 */
export function putDependencies(assembly: Assembly, found: Found): void {
  const stated = distinctFacts(found.unit?.facts.dependency ?? [], ({ name }) => name);
  const covered = new Set(stated.flatMap(({ value }) => technologiesOf(value)));
  const kinds = new Set(stated.map(({ value }) => value.kind));
  const drivers = [...found.manifests.dependency, ...(found.code.dependency ?? [])];
  const hinted = distinctFacts(drivers, ({ name }) => name).filter(({ value }) => !covered.has(value.name));
  const hintedKinds = [...new Set(hinted.map(({ value }) => value.kind))];
  const added = hintedKinds.flatMap((kind) => {
    const facts = hinted.filter(({ value }) => value.kind === kind);
    if (kinds.has(kind)) assembly.remark(facts, "has a driver for");
    else if (facts.length === 1) return facts;
    else assembly.dispute("depends_on", facts);
    return [];
  });
  const all = assembly.fitting("depends_on", [...stated, ...added]);
  assembly.put(
    "depends_on",
    all.map(({ value }) => value),
    all,
  );
}

/** MariaDB is reached by MySQL's drivers, and Redis' successors by Redis'. */
function technologiesOf({ name, image }: FoundDependency): string[] {
  const word = technologyOf(image === undefined ? name : imageWord(image));
  if (["mariadb", "mysql", "percona"].includes(word)) return ["mysql", "mariadb"];
  if (["valkey", "keydb", "dragonfly", "redis"].includes(word)) return ["redis"];
  return [word, technologyOf(name)];
}
