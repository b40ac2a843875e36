import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { findProgram } from "./missing-components.ts";

/** What the operator needs to reach the host's OpenSSH server, as a person would have it. */
export interface SshAccess {
  port: number;
  /** An OpenSSH client configuration with the host's alias. */
  sshConfig: string;
  knownHosts: string;
  /** `SHA256:…`, as `ssh-keygen -l` prints it. */
  hostKeyFingerprint: string;
  /** A folder with `ssh` and `scp` that use this configuration, for the front of a PATH. */
  bin: string;
}

export interface Listening {
  address: string;
  port: number;
}

/**
 * Writes the keys and configurations of both ends. `environment` is what sessions on the host start with. One that is
 * `untouched` is as a distribution delivers it: passwords count, and what lies in sshd_config.d comes first.
 */
export function configureSsh(
  directory: string,
  alias: string,
  where: Listening,
  environment: Readonly<Record<string, string>>,
  untouched = false,
): SshAccess {
  const server = join(directory, "ssh");
  const operator = join(directory, "operator");
  mkdirSync(server);
  mkdirSync(join(operator, "bin"), { recursive: true });
  makeKey(join(server, "host_ed25519"), "host");
  makeKey(join(operator, "id_ed25519"), "operator");
  copyFileSync(join(operator, "id_ed25519.pub"), join(server, "authorized_keys"));
  writeFileSync(join(server, "sshd_config"), renderServerConfig(server, where, environment, untouched));

  const knownHosts = join(operator, "known_hosts");
  const hostKey = readFileSync(join(server, "host_ed25519.pub"), "utf8").split(" ").slice(0, 2).join(" ");
  writeFileSync(knownHosts, `[${where.address}]:${where.port} ${hostKey}\n`);
  const sshConfig = join(operator, "ssh_config");
  writeFileSync(sshConfig, renderClientConfig(operator, alias, where));
  const bin = join(operator, "bin");
  for (const name of ["ssh", "scp", "sftp"]) writeClientWrapper(bin, name, sshConfig);
  const fingerprint = execFileSync("ssh-keygen", ["-lf", join(server, "host_ed25519.pub")], {
    encoding: "utf8",
  });
  return {
    port: where.port,
    sshConfig,
    knownHosts,
    hostKeyFingerprint: fingerprint.split(" ")[1] ?? "",
    bin,
  };
}

function makeKey(path: string, comment: string): void {
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", path]);
}

function renderServerConfig(
  folder: string,
  { address, port }: Listening,
  environment: Readonly<Record<string, string>>,
  untouched: boolean,
): string {
  const pairs = Object.entries(environment).map(([name, value]) => `"${name}=${value}"`);
  return [
    ...(untouched ? ["Include /etc/ssh/sshd_config.d/*.conf", "PermitRootLogin yes"] : []),
    `Port ${port}`,
    `ListenAddress ${address}`,
    `HostKey ${join(folder, "host_ed25519")}`,
    `AuthorizedKeysFile ${join(folder, "authorized_keys")}`,
    "StrictModes no",
    "UsePAM no",
    ...(untouched
      ? ["PidFile /run/sshd.pid"]
      : [
          "PasswordAuthentication no",
          "KbdInteractiveAuthentication no",
          "PermitRootLogin prohibit-password",
          "PidFile none",
        ]),
    "PrintMotd no",
    "PrintLastLog no",
    "MaxStartups 50",
    "AcceptEnv LANG LC_*",
    "Subsystem sftp internal-sftp",
    `SetEnv ${pairs.join(" ")}`,
    "",
  ].join("\n");
}

function renderClientConfig(folder: string, alias: string, { address, port }: Listening): string {
  return [
    `Host ${alias}`,
    `  HostName ${address}`,
    `  Port ${port}`,
    `  User ${userInfo().username}`,
    `  IdentityFile ${join(folder, "id_ed25519")}`,
    "  IdentitiesOnly yes",
    "  IdentityAgent none",
    `  UserKnownHostsFile ${join(folder, "known_hosts")}`,
    "  GlobalKnownHostsFile /dev/null",
    "  StrictHostKeyChecking yes",
    "  BatchMode yes",
    "",
  ].join("\n");
}

function writeClientWrapper(bin: string, name: string, config: string): void {
  const program = findProgram(name);
  if (program === undefined) return;
  const path = join(bin, name);
  writeFileSync(path, `#!/bin/sh\nexec ${program} -F ${config} "$@"\n`);
  chmodSync(path, 0o755);
}
