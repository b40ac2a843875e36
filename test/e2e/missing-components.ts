import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";

export type Part =
  | "sshd"
  | "engine"
  | "caddy"
  | "tracer"
  | "system"
  | "restic"
  | "network"
  | "age"
  | "disks"
  | "python"
  | "postgres"
  | "gnupg";

const SYSTEM_FOLDERS = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin"];

const PROGRAMS: Readonly<Record<Part, readonly string[]>> = {
  sshd: ["sshd", "ssh", "ssh-keygen"],
  engine: ["podman", "runc", "conmon", "podman-compose", "busybox", "iptables"],
  caddy: ["caddy", "curl"],
  tracer: ["strace"],
  system: ["unshare", "mount", "useradd", "ss", "apt-config", "nft"],
  restic: ["restic"],
  network: ["ip", "nsenter", "nft"],
  age: ["age", "age-keygen"],
  disks: ["losetup", "mkfs.ext4", "lsblk", "free", "uptime"],
  python: ["python3", "pip3", "useradd"],
  postgres: ["pg_dump", "psql"],
  gnupg: ["gpg", "dpkg-deb", "apt-get"],
};

/** Where a program is, also when it lies in a folder that is not in an ordinary person's PATH. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter), ...SYSTEM_FOLDERS];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/**
 * Names what this machine lacks for these parts of a host, or to trace a process; empty when all of it can be brought up.
 * Throws in CI, where a test that is left out would look like one that passed.
 */
export function missingComponents(parts: readonly Part[] = ["sshd", "engine", "caddy"]): string[] {
  const missing = parts.flatMap((part) => PROGRAMS[part].filter((name) => findProgram(name) === undefined));
  if (parts.includes("engine")) missing.push(...missingForContainers());
  if (parts.includes("system") && !canCopyFolders()) missing.push("right to mount overlays (root)");
  if (missing.length > 0 && process.env.CI === "true") {
    throw new Error(`These tests need ${missing.join(", ")}, and in CI none of them is left out.`);
  }
  return missing;
}

/** For the name of a `describe.skipIf`: says what is left out, and why. */
export function nameWithMissing(name: string, missing: readonly string[]): string {
  return missing.length === 0 ? name : `${name} (left out: this machine has no ${missing.join(", ")})`;
}

function missingForContainers(): string[] {
  const missing: string[] = [];
  for (const name of ["netavark", "aardvark-dns"]) {
    const folders = ["/usr/lib/podman", "/usr/libexec/podman", "/usr/local/libexec/podman"];
    if (!folders.some((folder) => existsSync(join(folder, name)))) missing.push(name);
  }
  if (!canIsolate()) missing.push("right to make namespaces (root)");
  return missing;
}

/** Whether a host can have its own view of the file system and of the processes. Podman here needs it. */
export function canIsolate(): boolean {
  if (process.getuid?.() !== 0) return false;
  return spawnSync("unshare", ["--mount", "--pid", "--fork", "true"]).status === 0;
}

/** Whether a host can have this machine's folders as copies of its own, in which what it writes stays. */
function canCopyFolders(): boolean {
  if (!canIsolate()) return false;
  const script = `mount -t tmpfs tmpfs /mnt && mkdir /mnt/up /mnt/work && mount -t overlay overlay -o lowerdir=/etc,upperdir=/mnt/up,workdir=/mnt/work /etc`;
  return spawnSync("unshare", ["--mount", "--propagation", "private", "sh", "-c", script]).status === 0;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
