import type { ComposeRule } from "./rule.ts";
import { anonymousVolume } from "./rules/anonymous-volume.ts";
import { buildAndImage } from "./rules/build-and-image.ts";
import { caddyAdmin } from "./rules/caddy-admin.ts";
import { caddyData } from "./rules/caddy-data.ts";
import { caddyMount } from "./rules/caddy-mount.ts";
import { capabilities } from "./rules/capabilities.ts";
import { containerName } from "./rules/container-name.ts";
import { cpuLimit } from "./rules/cpu-limit.ts";
import { dangerousCapability } from "./rules/dangerous-capability.ts";
import { databasePort } from "./rules/database-port.ts";
import { databaseVolume } from "./rules/database-volume.ts";
import { dependsOn } from "./rules/depends-on.ts";
import { dependsOnCycle } from "./rules/depends-on-cycle.ts";
import { dependsOnUnknown } from "./rules/depends-on-unknown.ts";
import { diskDevice } from "./rules/disk-device.ts";
import { dockerSocket } from "./rules/docker-socket.ts";
import { healthcheck } from "./rules/healthcheck.ts";
import { healthcheckProgram } from "./rules/healthcheck-program.ts";
import { hostNamespace } from "./rules/host-namespace.ts";
import { hostPath } from "./rules/host-path.ts";
import { imageTag } from "./rules/image-tag.ts";
import { literalSecret } from "./rules/literal-secret.ts";
import { logRotation } from "./rules/log-rotation.ts";
import { memoryLimit } from "./rules/memory-limit.ts";
import { mountForm } from "./rules/mount-form.ts";
import { noNewPrivileges } from "./rules/no-new-privileges.ts";
import { order } from "./rules/order.ts";
import { portClash } from "./rules/port-clash.ts";
import { portForm } from "./rules/port-form.ts";
import { privileged } from "./rules/privileged.ts";
import { processLimit } from "./rules/process-limit.ts";
import { projectName } from "./rules/project-name.ts";
import { publicPort } from "./rules/public-port.ts";
import { quotedPorts } from "./rules/quoted-ports.ts";
import { readOnly } from "./rules/read-only.ts";
import { reference } from "./rules/reference.ts";
import { restartAlways } from "./rules/restart-always.ts";
import { restartMissing } from "./rules/restart-missing.ts";
import { structure } from "./rules/structure.ts";
import { unconfined } from "./rules/unconfined.ts";
import { unknownKey } from "./rules/unknown-key.ts";
import { unknownName } from "./rules/unknown-name.ts";
import { versionKey } from "./rules/version-key.ts";
import { yaml } from "./rules/yaml.ts";

/** All rules over Compose files. */
export const composeRules: readonly ComposeRule[] = [
  anonymousVolume,
  buildAndImage,
  caddyAdmin,
  caddyData,
  caddyMount,
  capabilities,
  containerName,
  cpuLimit,
  dangerousCapability,
  databasePort,
  databaseVolume,
  dependsOn,
  dependsOnCycle,
  dependsOnUnknown,
  diskDevice,
  dockerSocket,
  healthcheck,
  healthcheckProgram,
  hostNamespace,
  hostPath,
  imageTag,
  literalSecret,
  logRotation,
  memoryLimit,
  mountForm,
  noNewPrivileges,
  order,
  portClash,
  portForm,
  privileged,
  processLimit,
  projectName,
  publicPort,
  quotedPorts,
  readOnly,
  reference,
  restartAlways,
  restartMissing,
  structure,
  unconfined,
  unknownKey,
  unknownName,
  versionKey,
  yaml,
];
