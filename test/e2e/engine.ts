import { randomInt } from "node:crypto";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, statfsSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { bundleScript } from "./bundle-script.ts";

/** What the container engine needs from a session's environment. */
export const ENGINE_ENVIRONMENT: Readonly<Record<string, string>> = {
  // Without it podman tries for twenty seconds to reach a systemd that is not there.
  DISABLE_HC_SYSTEMD: "true",
};

const renderContainersConf = (): string => `[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]
log_driver = "k8s-file"

[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
conmon_env_vars = [
  "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  "DISABLE_HC_SYSTEMD=true",
]

[network]
network_backend = "netavark"
# Hosts share this machine's network, so each takes its addresses from a range of its own.
default_subnet_pools = [{ base = "10.${randomInt(100, 250)}.${randomInt(0, 8) * 32}.0/19", size = 24 }]
`;

const renderStorageConf = (driver: string): string => `[storage]
driver = "${driver}"
graphroot = "/var/lib/containers/storage"
runroot = "/run/containers/storage"
`;

/** There is no registry, and none shall be asked. */
const REGISTRIES_CONF = `unqualified-search-registries = []
short-name-mode = "disabled"
${["*.io", "*.com", "*.org", "*.net", "*.dev"].map((name) => `[[registry]]\nprefix = "${name}"\nlocation = "localhost"\nblocked = true`).join("\n")}
`;

const POLICY = { default: [{ type: "insecureAcceptAnything" }] };

/** Paths that the engine has to itself on an isolated host. */
export const ENGINE_MOUNTS = ["/etc/containers", "/var/lib/containers"];

/** Writes podman's configuration and puts `docker` into the host's bin folder. */
export async function configureEngine(directory: string): Promise<void> {
  const etc = join(directory, "root/etc/containers");
  mkdirSync(etc, { recursive: true });
  writeFileSync(join(etc, "containers.conf"), renderContainersConf());
  writeFileSync(join(etc, "storage.conf"), renderStorageConf(chooseDriver(directory)));
  writeFileSync(join(etc, "registries.conf"), REGISTRIES_CONF);
  writeFileSync(join(etc, "policy.json"), JSON.stringify(POLICY));
  const library = join(directory, "lib");
  await bundleScript(join(import.meta.dirname, "docker-shim/docker.ts"), join(library, "docker.mjs"));
  const docker = join(directory, "bin/docker");
  writeFileSync(docker, `#!/bin/sh\nexec ${placeNode(library)} ${join(library, "docker.mjs")} "$@"\n`);
  chmodSync(docker, 0o755);
}

/** The host has a home folder of its own, so a Node.js that lies in the real one is copied. */
function placeNode(library: string): string {
  if (!process.execPath.startsWith(`${homedir()}/`)) return process.execPath;
  const copy = join(library, "node");
  copyFileSync(process.execPath, copy);
  return copy;
}

/** overlay copies nothing, but does not lie on another overlay, as the disk of a container often is. */
function chooseDriver(directory: string): "overlay" | "vfs" {
  const onOverlay = statfsSync(directory).type === 0x794c7630;
  const known = readFileSync("/proc/filesystems", "utf8").includes("\toverlay\n");
  return known && !onOverlay ? "overlay" : "vfs";
}
