import { appendFileSync, readFileSync } from "node:fs";
import { expect } from "vitest";
import { type Host, startHost } from "./host.ts";
import type { Part } from "./missing-components.ts";
import { type Conduct, walkAtTerminal } from "./played-walk.ts";
import { Workplace } from "./workplace.ts";

/** A host as a server is: its own network, /etc and accounts, with an engine and Caddy. */
export const SERVER_PARTS: readonly Part[] = ["sshd", "engine", "caddy", "system", "network"];

/** Hosts, and a sysadmin who walks runbooks from templates on them, command by command at a terminal. */
export class WalkedHosts {
  readonly work: Workplace;
  readonly hosts: readonly Host[];
  #isFirst = true;

  private constructor(hosts: readonly [Host, ...Host[]]) {
    this.hosts = hosts;
    this.work = new Workplace(hosts[0]);
  }

  static async start(...names: readonly string[]): Promise<WalkedHosts> {
    const hosts: Host[] = [];
    for (const alias of names)
      hosts.push(await startHost({ parts: SERVER_PARTS, alias, healthTimeScale: 0.2 }));
    const [first, ...others] = hosts;
    if (first === undefined) throw new Error("no host was named");
    for (const other of others) {
      appendFileSync(first.sshConfig, readFileSync(other.sshConfig));
      appendFileSync(first.knownHosts, readFileSync(other.knownHosts));
    }
    const walked = new WalkedHosts([first, ...others]);
    const lines = hosts.map(
      ({ alias, hostKeyFingerprint }) => `  ${alias}: { tier: live, host_keys: ["${hostKeyFingerprint}"] }\n`,
    );
    await walked.work.setUp(`hosts:\n${lines.join("")}`);
    return walked;
  }

  async approve(id: string): Promise<void> {
    await this.work.operator.approve(id, this.#isFirst);
    this.#isFirst = false;
  }

  /** From the template to the approved runbook; returns its id. */
  async make(template: string, settings: Readonly<Record<string, string>>): Promise<string> {
    const names = this.hosts.map(({ alias }) => alias);
    const id = await this.work.fromTemplate(template, names, settings);
    await this.approve(id);
    return id;
  }

  async walk(id: string, conduct: Conduct = {}): Promise<string> {
    return await walkAtTerminal(this.work.operator, id, conduct);
  }

  async verifyAndClose(id: string): Promise<void> {
    await this.work.operator.verify(id);
    expect(await this.work.operator.close(id)).toContain("Closed: completed");
  }

  /** From the template to the sealed record; returns what was read during the walk, and the id. */
  async carryOut(
    template: string,
    settings: Readonly<Record<string, string>>,
    conduct: Conduct = {},
  ): Promise<{ said: string; id: string }> {
    const id = await this.make(template, settings);
    const said = await this.walk(id, conduct);
    await this.verifyAndClose(id);
    return { said, id };
  }

  async stop(): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.stop()));
    this.work.remove();
  }
}

/** Runs what must work on a host, and returns what it printed. */
export async function onHost(host: Host, command: string, input?: string): Promise<string> {
  const { exitCode, stdout, stderr } = await host.run(command, input);
  expect(exitCode, `${command}\n${stdout}${stderr}`).toBe(0);
  return stdout;
}

/** A repository of restic's where the templates expect one, and its password. */
export async function makeRepository(host: Host, repository: string): Promise<void> {
  await onHost(host, "umask 077; mkdir -p /etc/restic; echo a password >/etc/restic/password");
  await onHost(host, `restic init --quiet --repo ${repository} --password-file /etc/restic/password`);
}
