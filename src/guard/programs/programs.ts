import type { Judge, Rules } from "../call.ts";
import { builtins } from "./builtins.ts";
import { cloud } from "./cloud.ts";
import { containers } from "./containers.ts";
import { databases } from "./databases.ts";
import { development } from "./development.ts";
import { files } from "./files.ts";
import { interpreters } from "./interpreters.ts";
import { kubernetes } from "./kubernetes.ts";
import { network } from "./network.ts";
import { packages } from "./packages.ts";
import { reading } from "./reading.ts";
import { remote } from "./remote.ts";
import { repeaters } from "./repeaters.ts";
import { shells } from "./shells.ts";
import { system } from "./system.ts";
import { textTools } from "./text-tools.ts";
import { versionControl } from "./version-control.ts";
import { vibeops } from "./vibeops.ts";
import { wrappers } from "./wrappers.ts";

/** Programs that reach other machines by their nature; looked for in the arguments of programs that we do not know. */
const remoteRules: Rules = { ...remote, ...network, ...cloud, ...kubernetes };

/** Every program that the guard knows, by name. */
export const programs: ReadonlyMap<string, Judge> = new Map(
  Object.entries({
    ...reading,
    ...files,
    ...textTools,
    ...builtins,
    ...wrappers,
    ...repeaters,
    ...shells,
    ...interpreters,
    ...development,
    ...packages,
    ...versionControl,
    ...containers,
    ...databases,
    ...system,
    ...vibeops,
    ...remoteRules,
  }),
);

export const remotePrograms: ReadonlySet<string> = new Set([
  ...Object.keys(remoteRules),
  ...Object.keys(shells),
  "docker",
  "podman",
]);
