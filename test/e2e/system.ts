import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Folders of this machine that a host with `system` has as copies, gone with it. */
const COPIES = ["/etc", "/home", "/usr/local", "/var/cache", "/var/lib"];

/**
 * Stands in for systemd, which a host in namespaces of a machine that runs already cannot have. It restarts the real
 * sshd; whatever else is asked of it, it refuses by name.
 */
const SYSTEMCTL = `#!/bin/sh
while [ "\${1#-}" != "$1" ]; do shift; done
verb=$1
shift
if [ "\${1-}" = -- ]; then shift; fi
case "$verb \${1-}" in
  "restart ssh.service")
    kill -HUP "$(cat /run/sshd.pid)"
    left=50
    sleep 0.3
    until ss --listening --tcp --numeric --processes | grep -q sshd || [ "$left" -eq 0 ]; do
      left=$((left - 1))
      sleep 0.1
    done
    ;;
  "is-active ssh.service")
    kill -0 "$(cat /run/sshd.pid)"
    echo active
    ;;
  *)
    echo "the test host has no systemd: systemctl $verb $*" >&2
    exit 1
    ;;
esac
`;

/** Gives the host folders of its own in place of this machine's, and the little of systemd that it can have. */
export function configureSystem(directory: string): void {
  writeFileSync(join(directory, "copies"), `${COPIES.join("\n")}\n`);
  const path = join(directory, "bin/systemctl");
  writeFileSync(path, SYSTEMCTL);
  chmodSync(path, 0o755);
}
