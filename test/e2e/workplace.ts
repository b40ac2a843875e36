import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { runProcess } from "../../src/platform/process.ts";
import type { Host } from "./host.ts";
import { BIN, PlayedOperator, pressEnterUntil } from "./operator.ts";

/** A developer's project `shop` and a sysadmin's `infra` for a host, in a folder with a home of its own. */
export class Workplace {
  readonly directory = realpathSync(mkdtempSync(join(tmpdir(), "vibeops-workplace-")));
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  get env(): Record<string, string> {
    return {
      ...this.#host.operatorEnv,
      HOME: join(this.directory, "home"),
      GIT_CONFIG_GLOBAL: join(this.directory, "home/.gitconfig"),
      GIT_CONFIG_NOSYSTEM: "1",
    };
  }

  get operator(): PlayedOperator {
    return new PlayedOperator(this.path("infra"), this.env);
  }

  path(...parts: string[]): string {
    return join(this.directory, ...parts);
  }

  async vibeops(project: string, argv: readonly string[], input = ""): Promise<string> {
    const options = { cwd: this.path(project), env: this.env, input };
    const result = await runProcess(process.execPath, [BIN, ...argv], options);
    expect(result.exitCode, result.stderr + result.stdout).toBe(0);
    return result.stdout;
  }

  async git(project: string, ...args: string[]): Promise<string> {
    const result = await runProcess("git", args, { cwd: this.path(project), env: this.env });
    expect(result.exitCode, result.stderr).toBe(0);
    return result.stdout.trim();
  }

  /** Sets both projects up; `inventory` is infra's, `source` what shop's repository begins with. */
  async setUp(inventory: string, source?: string): Promise<void> {
    mkdirSync(this.path("home"));
    writeFileSync(
      this.path("home/.gitconfig"),
      "[user]\n\tname = Pat\n\temail = pat@example.com\n[init]\n\tdefaultBranch = main\n",
    );
    if (source === undefined) mkdirSync(this.path("shop"));
    else cpSync(source, this.path("shop"), { recursive: true });
    mkdirSync(this.path("infra"));
    await this.vibeops("shop", ["init", "--role", "developer"]);
    await this.vibeops("infra", ["init", "--role", "sysadmin", "--peer", "../shop", "--yes"]);
    writeFileSync(this.path("infra/inventory.yaml"), inventory);
    for (const project of ["shop", "infra"]) await this.commit(project, "Begin with vibeops");
  }

  async commit(project: string, message: string): Promise<string> {
    await this.git(project, "add", "--all");
    await this.git(project, "commit", "--quiet", "--allow-empty", "--message", message);
    return await this.git(project, "rev-parse", "HEAD");
  }

  /** From the developer's deployment block to the runbook that waits; returns its id. */
  async prepare(version: string, block: string): Promise<string> {
    const body = `## Context\n\nVersion ${version} is ready.\n\n## Deployment\n\n\`\`\`yaml\n${block.trimEnd()}\n\`\`\`\n\n## Action items\n\n- [ ] Prepare the configuration\n- [ ] Write the runbook\n- [ ] Deploy and verify\n\n## Completion\n`;
    const words = ["--to", "sysadmin@infra", "--type", "deployment", "--body", "-"];
    await this.vibeops("shop", ["memo", "new", `Deploy shop ${version}`, ...words], body);
    await this.vibeops("infra", ["session", "start"]);
    const memo = `deploy-shop-${version.replaceAll(".", "-")}`;
    const prepared = JSON.parse(await this.vibeops("infra", ["prepare", memo, "--yes", "--json"]));
    expect(prepared.result.runbook, JSON.stringify(prepared.result.questions)).not.toBeNull();
    await this.vibeops("infra", ["runbook", "lint", prepared.result.runbook.id]);
    return prepared.result.runbook.id;
  }

  /** A runbook from a template, without a finding; returns its id. */
  async fromTemplate(
    name: string,
    hosts: readonly string[],
    settings: Readonly<Record<string, string>>,
  ): Promise<string> {
    const flags = [
      ...hosts.flatMap((host) => ["--host", host]),
      ...Object.entries(settings).flatMap(([key, value]) => ["--set", `${key}=${value}`]),
    ];
    const made = JSON.parse(
      await this.vibeops("infra", ["runbook", "new", `Walk ${name}`, "--from", name, ...flags, "--json"]),
    );
    await this.vibeops("infra", ["runbook", "lint", made.result.id]);
    return made.result.id;
  }

  /** A person approves it, carries it out, verifies it and closes it. */
  async carryOut(runbook: string, first: boolean): Promise<void> {
    await this.operator.approve(runbook, first);
    const walk = this.operator.type("runbook", "run", runbook);
    await pressEnterUntil(walk, "Every step is done");
    expect(await walk.exited).toMatchObject({ exitCode: 0 });
    await this.operator.verify(runbook);
    await this.operator.close(runbook);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
