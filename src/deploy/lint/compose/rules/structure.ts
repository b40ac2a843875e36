import type { Problem } from "../../rule.ts";
import type { ComposeRule } from "../rule.ts";
import type { Service } from "../service.ts";
import type { Value } from "../yaml-value.ts";

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
  *check({ services, layers, source, syntax, isOverlay }) {
    for (const layer of layers.filter((one) => one.source === source)) {
      const all = layer.get("services");
      if (all !== undefined && all.shape !== "map" && !isNothing(all))
        yield {
          spot: all,
          message: "`services` is no map of services",
          fix: "write services: and under it each service by its name",
        };
    }
    if (syntax.length > 0) return;
    for (const service of services) {
      const [own] = service.layers;
      if (own !== undefined && own.shape === "map") yield* wronglyShaped(service, own);
      if (!isOverlay) yield* withoutContent(service);
    }
  },
};

function* wronglyShaped(service: Service, own: Value): Generator<Problem> {
  for (const { key, value } of own.entries()) {
    const shapes = Object.hasOwn(SHAPES, key) ? SHAPES[key] : undefined;
    if (shapes === undefined || shapes.includes(value.shape) || isNothing(value)) continue;
    const wanted = shapes.map((shape) => WHAT[shape]).join(" or ");
    yield {
      spot: value,
      message: `\`${key}\` of '${service.name}' is ${WHAT[value.shape]}`,
      fix: `write it as ${wanted}`,
    };
  }
}

function* withoutContent(service: Service): Generator<Problem> {
  const [own] = service.layers;
  if (own !== undefined && own.shape !== "map")
    yield {
      spot: service,
      message: `the service '${service.name}' is no map`,
      fix: "write its image and what it needs under its name",
    };
  else if (
    !service.isPartial &&
    ["image", "build", "provider"].every((key) => service.get(key) === undefined)
  )
    yield {
      spot: service,
      message: `the service '${service.name}' has neither an image nor a build`,
      fix: "add image: NAME:TAG",
    };
}

function isNothing(value: Value): boolean {
  return value.shape === "scalar" && value.text === "";
}
