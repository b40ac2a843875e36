import type { DeploymentBlock } from "../../memo/deployment.ts";
import type { Fact } from "./fact.ts";

export interface FoundPort {
  readonly container: number;
  readonly protocol?: "udp";
}

/** A variable's name and what is known of it; never a value. */
export interface FoundVariable {
  readonly name: string;
  readonly required?: boolean;
  readonly secret?: boolean;
  readonly description?: string;
}

export interface FoundVolume {
  readonly name: string;
  readonly path: string;
}

export type FoundDependency = NonNullable<DeploymentBlock["depends_on"]>[number];

/** All that scanners can find, by subject. Each finding stands with its place; nothing here is a decision. */
export interface Facts {
  name: Fact<string>[];
  version: Fact<string>[];
  image: Fact<string>[];
  /** What stands behind the image's own entry point. */
  command: Fact<string[]>[];
  /** The whole of what starts, where a block has no place for it: with an entry point of its own, or through a shell. */
  start: Fact<string>[];
  port: Fact<FoundPort>[];
  domain: Fact<string>[];
  variable: Fact<FoundVariable>[];
  volume: Fact<FoundVolume>[];
  dependency: Fact<FoundDependency>[];
  memory: Fact<string>[];
  cpus: Fact<number>[];
  healthPath: Fact<string>[];
  /** Where that path is asked. */
  healthPort: Fact<number>[];
  healthCommand: Fact<string[]>[];
  test: Fact<string>[];
  migration: Fact<string>[];
  static: Fact<string>[];
  /** What has no place in the block, and matters to whoever deploys: `runs as node`, `Helm chart shop`. */
  remark: Fact<string>[];
}

function noFacts(): Facts {
  return {
    name: [],
    version: [],
    image: [],
    command: [],
    start: [],
    port: [],
    domain: [],
    variable: [],
    volume: [],
    dependency: [],
    memory: [],
    cpus: [],
    healthPath: [],
    healthPort: [],
    healthCommand: [],
    test: [],
    migration: [],
    static: [],
    remark: [],
  };
}

/** All facts of several, in order. */
export function joinFacts(...parts: readonly Partial<Facts>[]): Facts {
  const all = noFacts();
  for (const part of parts) {
    for (const [topic, facts] of Object.entries(part)) {
      // One by one: as arguments of a call, hundreds of thousands would not fit on the stack.
      for (const one of facts as Fact<unknown>[]) (all[topic as keyof Facts] as Fact<unknown>[]).push(one);
    }
  }
  return all;
}

/** The first fact of each key, in order. */
export function distinctFacts<T>(facts: readonly Fact<T>[], keyOf: (value: T) => string): Fact<T>[] {
  const byKey = new Map<string, Fact<T>>();
  for (const found of facts) {
    const key = keyOf(found.value);
    if (!byKey.has(key)) byKey.set(key, found);
  }
  return [...byKey.values()];
}

/** Something that a file starts under a name of its own: a Compose service, a Kubernetes workload. */
export interface Unit {
  readonly name: string;
  readonly place: Fact<string>;
  readonly facts: Facts;
  /** Whether it is built from this repository. */
  readonly isOwn: boolean;
  /** Whether it starts only when somebody asks for it by a profile. */
  readonly isOptional: boolean;
  /** `database`, `queue` …, where its image is a known one. */
  readonly kind?: FoundDependency["kind"];
  readonly build?: UnitBuild;
}

/** The Dockerfile that a unit is built from, below the scanned folder. */
export interface UnitBuild {
  readonly dockerfile: string;
  /** The folder that it is built in. */
  readonly context: string;
  readonly target?: string;
  readonly args: ReadonlyMap<string, string>;
  /** A Dockerfile that stands in the Compose file itself. */
  readonly inline?: { readonly text: string; readonly file: string; readonly lineBefore: number };
}
