import { quoteUntrusted } from "../../../../text/visible.ts";
import type { Problem } from "../../rule.ts";
import { writtenServices } from "../project.ts";
import type { ComposeRule } from "../rule.ts";
import type { Service } from "../service.ts";
import type { Entry, Value } from "../value.ts";

const WHAT = { scalar: "a single value", map: "a map", list: "a list" } as const;
const SCALAR = ["scalar"] as const;
const LIST = ["list"] as const;
const MAP = ["map"] as const;
const EITHER = ["map", "list"] as const;

/** How the keys that the other rules read are written. */
const SHAPES: Readonly<Record<string, readonly Value["shape"][]>> = {
  image: SCALAR,
  restart: SCALAR,
  container_name: SCALAR,
  ports: LIST,
  volumes: LIST,
  expose: LIST,
  devices: LIST,
  profiles: LIST,
  secrets: LIST,
  configs: LIST,
  cap_add: LIST,
  cap_drop: LIST,
  security_opt: LIST,
  deploy: MAP,
  healthcheck: MAP,
  logging: MAP,
  environment: EITHER,
  depends_on: EITHER,
  networks: EITHER,
};

export const structure: ComposeRule = {
  id: "compose.structure",
  level: "error",
  summary: "services are maps, and each has an image or a build",
  why: "Compose has nothing that it could start otherwise.",
  *check(project) {
    for (const document of project.documents) {
      const all = document.get("services");
      if (all !== undefined && all.shape !== "map" && !isNothing(all))
        yield {
          spot: all,
          message: "`services` is no map of services",
          fix: "write services: and under it each service by its name",
        };
    }
    // An override with nothing in it overrides nothing.
    if (project.sources.length === 1) yield* project.empty;
    for (const entry of writtenServices(project)) yield* judgeShape(entry);
    for (const service of project.services) {
      yield* withoutContent(service);
      yield* inTwoNetworks(service);
    }
  },
};

function* judgeShape({ key, value, ...spot }: Entry): Generator<Problem> {
  if (!/^[\w.-]+$/.test(key))
    yield {
      spot,
      message: `no service may be called ${quoteUntrusted(key)}`,
      fix: "use letters, digits, ., _ and -",
    };
  if (value.shape === "map") yield* wronglyShaped(key, value);
  else if (value.tag !== "!reset")
    yield {
      spot,
      message: `the service '${key}' is no map`,
      fix: "write its image and what it needs under its name",
    };
}

function* wronglyShaped(name: string, own: Value): Generator<Problem> {
  for (const { key, value } of own.entries()) {
    const shapes = Object.hasOwn(SHAPES, key) ? SHAPES[key] : undefined;
    if (shapes === undefined || shapes.includes(value.shape) || isNothing(value) || value.tag === "!reset")
      continue;
    const wanted = shapes.map((shape) => WHAT[shape]).join(" or ");
    yield {
      spot: value,
      message: `\`${key}\` of '${name}' is ${WHAT[value.shape]}`,
      fix: `write it as ${wanted}`,
    };
  }
}

function* withoutContent(service: Service): Generator<Problem> {
  if (service.isPartial || ["image", "build", "provider"].some((key) => service.get(key) !== undefined))
    return;
  yield {
    spot: service,
    message: `the service '${service.name}' has neither an image nor a build`,
    fix: "add image: NAME:TAG",
  };
}

function* inTwoNetworks(service: Service): Generator<Problem> {
  const mode = service.get("network_mode");
  if (mode === undefined || isNothing(mode) || service.get("networks") === undefined) return;
  yield {
    spot: mode,
    message: `'${service.name}' has both network_mode and networks, and Compose takes one of them`,
    fix: "delete one of the two",
  };
}

function isNothing(value: Value): boolean {
  return value.shape === "scalar" && value.text === "";
}
