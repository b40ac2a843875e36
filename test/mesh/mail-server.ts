import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { findFreePort } from "../e2e/free-port.ts";
import { findProgram } from "../e2e/missing-components.ts";

/** An OpenSSH server on the loopback that gives each sender's key git, and nothing else, as docs/mesh.md sets it up. */
export interface MailServer {
  /** The address of a repository on it. */
  urlOf: (path: string) => string;
  /** What a sender's account needs to reach it. */
  environmentOf: (sender: string) => Record<string, string>;
  start: () => Promise<void>;
  /** Cuts every connection at once. */
  stop: () => Promise<void>;
}

export async function mailServer(directory: string, senders: readonly string[]): Promise<MailServer> {
  const folder = join(directory, "server");
  mkdirSync(folder);
  const port = await findFreePort();
  for (const name of ["host", ...senders]) {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", join(folder, name)]);
  }
  const shell = findProgram("git-shell") ?? "git-shell";
  const lines = senders.map((sender) => {
    const command = `MAIL_SENDER=${sender} exec ${shell} -c \\"$SSH_ORIGINAL_COMMAND\\"`;
    return `restrict,command="${command}" ${readFileSync(join(folder, `${sender}.pub`), "utf8")}`;
  });
  writeFileSync(join(folder, "authorized_keys"), lines.join(""));
  const hostKey = readFileSync(join(folder, "host.pub"), "utf8");
  writeFileSync(join(folder, "known_hosts"), `[127.0.0.1]:${port} ${hostKey}`);
  writeFileSync(join(folder, "sshd_config"), serverConfig(folder, port));
  let server: ChildProcess | null = null;
  const stop = async () => {
    const running = server;
    server = null;
    if (running?.pid === undefined) return;
    const over = new Promise((resolve) => running.once("exit", resolve));
    process.kill(-running.pid, "SIGKILL");
    await over;
  };
  onTestFinished(stop);
  return {
    urlOf: (path) => `ssh://${userInfo().username}@127.0.0.1:${port}${path}`,
    environmentOf: (sender) => ({ GIT_SSH_COMMAND: clientCommand(folder, sender) }),
    start: async () => {
      const program = findProgram("sshd") ?? "sshd";
      if (!existsSync("/run/sshd")) mkdirSync("/run/sshd", { recursive: true });
      server = spawn(program, ["-D", "-e", "-f", join(folder, "sshd_config")], {
        detached: true,
        stdio: "ignore",
      });
      await untilListening(port);
    },
    stop,
  };
}

function serverConfig(folder: string, port: number): string {
  return [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${join(folder, "host")}`,
    `AuthorizedKeysFile ${join(folder, "authorized_keys")}`,
    "StrictModes no",
    "UsePAM no",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "PermitRootLogin prohibit-password",
    "PidFile none",
    "MaxStartups 100",
    "",
  ].join("\n");
}

function clientCommand(folder: string, sender: string): string {
  const options = [
    `IdentityFile=${join(folder, sender)}`,
    "IdentitiesOnly=yes",
    "IdentityAgent=none",
    `UserKnownHostsFile=${join(folder, "known_hosts")}`,
    "GlobalKnownHostsFile=/dev/null",
    "StrictHostKeyChecking=yes",
  ];
  return `ssh -F /dev/null ${options.map((option) => `-o ${option}`).join(" ")}`;
}

async function untilListening(port: number): Promise<void> {
  for (;;) {
    const isThere = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
      socket.on("connect", () => socket.destroy());
    });
    if (isThere) return;
    await sleep(20);
  }
}

/** The update hook of docs/mesh.md: each sender writes its own ref and no other. */
export function restrictRefs(repository: string): void {
  const guide = readFileSync(new URL("../../docs/mesh.md", import.meta.url), "utf8");
  const hook = /```sh hook\n([\s\S]*?)```/.exec(guide)?.[1] ?? "exit 1\n";
  const file = join(repository, "hooks/update");
  writeFileSync(file, hook);
  chmodSync(file, 0o755);
}
