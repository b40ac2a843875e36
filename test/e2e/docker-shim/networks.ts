import { ComposeError, notCarriedOut } from "./compose-error.ts";
import type { Project } from "./project.ts";
import { checkKeys, type Mapping, readMapping, readText, readTexts } from "./values.ts";

export interface NetworkPlan {
  declared: Record<string, Mapping>;
  runArguments: string[];
}

/** The networks of one service, by their full names: podman-compose prefixes external ones too. */
export function planNetworks(project: Project, service: string, raw: Mapping): NetworkPlan {
  const place = `services.${service}.networks`;
  const value = raw.networks;
  const wanted: Record<string, Mapping> = Array.isArray(value)
    ? Object.fromEntries(readTexts(value, place).map((name) => [name, {}]))
    : Object.fromEntries(
        Object.entries(readMapping(value, place)).map(([name, options]) => [
          name,
          readMapping(options, `${place}.${name}`),
        ]),
      );
  const names = Object.keys(wanted).length > 0 ? Object.keys(wanted) : ["default"];
  const aliases = Object.entries(wanted).flatMap(([name, options]) => {
    const at = `${place}.${name}`;
    checkKeys(options, at, ["aliases", "priority"], ["ipv4_address", "ipv6_address"], notCarriedOut);
    return readTexts(options.aliases, `${at}.aliases`);
  });
  return {
    declared: Object.fromEntries(names.map((name) => [name, declareNetwork(project, service, name)])),
    runArguments: aliases.flatMap((alias) => ["--network-alias", alias]),
  };
}

function declareNetwork(project: Project, service: string, name: string): Mapping {
  const declared = project.networks[name];
  if (declared === undefined && name !== "default") {
    throw new ComposeError(
      `service "${service}" refers to undefined network ${name}: invalid compose project`,
    );
  }
  const network = declared ?? {};
  const place = `networks.${name}`;
  const known = ["attachable", "driver_opts", "enable_ipv4", "enable_ipv6", "ipam"];
  checkKeys(network, place, ["name", "driver", "external", "internal", "labels"], known, notCarriedOut);
  if ((network.driver ?? "bridge") !== "bridge") throw notCarriedOut(`${place}.driver`);
  const external = network.external === true;
  const full = network.name ?? (external ? name : `${project.name}_${name}`);
  return {
    name: readText(full, `${place}.name`),
    ...(external ? { external: true } : {}),
    ...(network.internal === true ? { internal: true } : {}),
    ...(network.labels === undefined ? {} : { labels: network.labels }),
  };
}
