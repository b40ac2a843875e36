import type { Rules } from "../call.ts";
import { byName, type Judges } from "../rules.ts";
import { brokers } from "./brokers.ts";
import { builtins } from "./builtins.ts";
import { cloud } from "./cloud.ts";
import { containers } from "./containers.ts";
import { databases } from "./databases.ts";
import { development } from "./development.ts";
import { embeddedDatabases } from "./embedded-databases.ts";
import { files } from "./files.ts";
import { forges } from "./forges.ts";
import { interpreters } from "./interpreters.ts";
import { kubernetes } from "./kubernetes.ts";
import { mongo } from "./mongo.ts";
import { network } from "./network.ts";
import { packages } from "./packages.ts";
import { patches } from "./patches.ts";
import { reading } from "./reading.ts";
import { keyValueStores } from "./redis.ts";
import { remote } from "./remote.ts";
import { repeaters } from "./repeaters.ts";
import { servers } from "./servers.ts";
import { shells } from "./shells.ts";
import { system } from "./system.ts";
import { textTools } from "./text-tools.ts";
import { versionControl } from "./version-control.ts";
import { vibeops } from "./vibeops.ts";
import { wrappers } from "./wrappers.ts";

/** Programs that reach other machines by their nature; looked for in the arguments of programs that we do not know. */
const remoteRules: readonly Rules[] = [remote, network, brokers, cloud, kubernetes];

/** Every program that the guard knows, by name. */
export const programs: Judges = byName(
  reading,
  files,
  textTools,
  builtins,
  wrappers,
  repeaters,
  shells,
  interpreters,
  development,
  packages,
  patches,
  versionControl,
  forges,
  containers,
  databases,
  keyValueStores,
  embeddedDatabases,
  mongo,
  system,
  servers,
  vibeops,
  ...remoteRules,
);

const reachingRules = byName(...remoteRules, shells);

export function isRemoteProgram(name: string): boolean {
  return name === "docker" || name === "podman" || reachingRules.get(name) !== undefined;
}
