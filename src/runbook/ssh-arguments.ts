import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import type { HostIdentity } from "./host-identity.ts";

/**
 * What cannot be turned off by a configuration, the person's own included, which otherwise holds. `ProxyJump` and
 * `ProxyCommand` stay theirs: they are named in the approved identity, and whatever stands in between, the key at
 * the far end has to be an approved one.
 */
const FIXED = [
  // A setting that an older OpenSSH does not know yet must not end the connection.
  "IgnoreUnknown=KnownHostsCommand,ForkAfterAuthentication,StdinNull,SessionType,UpdateHostKeys",
  // Only an approved key, from our own list: no other source of keys, and no host that needs none.
  "StrictHostKeyChecking=yes",
  "GlobalKnownHostsFile=/dev/null",
  "KnownHostsCommand=none",
  "VerifyHostKeyDNS=no",
  "NoHostAuthenticationForLocalhost=no",
  "UpdateHostKeys=no",
  // A connection that somebody else opened leads to whichever host they opened it to.
  "ControlMaster=no",
  "ControlPath=none",
  // Nothing runs here, and nothing of ours is lent to the host.
  "PermitLocalCommand=no",
  "ForwardAgent=no",
  "ForwardX11=no",
  "Tunnel=no",
  "ClearAllForwardings=yes",
  // Our program runs there, in the foreground, and standard input is ours.
  "RequestTTY=no",
  "RemoteCommand=none",
  "SessionType=default",
  "ForkAfterAuthentication=no",
  "StdinNull=no",
  // A line that died is noticed within a minute.
  "ServerAliveInterval=15",
  "ServerAliveCountMax=4",
];

/**
 * The arguments of an ssh that meets none but the approved keys of a host.
 *
 * @param folder of our own, where the list of keys is written
 * @throws VibeopsError `host.key` where no approved key is known
 */
export function sshArguments(identity: HostIdentity, address: string, folder: string): string[] {
  if (identity.keys.length === 0) {
    throw new VibeopsError({
      code: "host.key",
      exit: Exit.refused,
      message: `no approved key of host ${identity.name} is known here, so nobody could tell it from another machine`,
      fix: `connect once by hand and compare the fingerprint (ssh ${identity.name}), then approve again`,
    });
  }
  const knownHosts = join(folder, "known_hosts");
  writeFileSync(knownHosts, identity.keys.map((key) => `${key.line}\n`).join(""), { mode: 0o600 });
  const options = [...FIXED, `UserKnownHostsFile=${knownHosts}`];
  return ["-T", ...options.flatMap((option) => ["-o", option]), "--", address];
}
