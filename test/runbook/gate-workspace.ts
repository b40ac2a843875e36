import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { requireGit } from "../../src/platform/git.ts";
import { loadProject } from "../../src/project/project.ts";
import { compileRunbook } from "../../src/runbook/compile-runbook.ts";
import { planDecision, recordDecision } from "../../src/runbook/decide.ts";
import type { Gate } from "../../src/runbook/gate.ts";
import { projectSource } from "../../src/runbook/project-files.ts";
import type { SignBytes } from "../../src/runbook/sign.ts";
import { addSigner, trustPaths } from "../../src/runbook/trust.ts";
import { type TestProject, type Workspace, workspace } from "../helpers/workspace.ts";

export const ID = "20261120T150000Z-m2x9vaq4";
export const ADA = "ada@example.com";
const PASSPHRASE = "correct horse";

/** Facts of a person at a terminal who has read everything. */
export const PRESENT = { terminal: true, pagesShown: 1000 };

export interface GateWorkspace {
  space: Workspace;
  context: Workspace["context"];
  project: TestProject;
  /** A folder that stands for the host's disk. */
  host: string;
  gate: () => Gate;
  /** The person's own signer, who knows the passphrase. */
  sign: SignBytes;
  /** Writes, compiles and commits the runbook. */
  writeRunbook: (text: string) => void;
  approve: () => Promise<string>;
}

/** A project with one local host, a person who may approve, and their key with a passphrase. */
export function gateWorkspace(): GateWorkspace {
  const space = workspace();
  const project = space.project("infra", "project: infra\nagents: { sysadmin: { provider: builtin } }\n");
  const host = join(space.directory, "host");
  mkdirSync(host);
  project.write(
    "inventory.yaml",
    `hosts:\n  here: { transport: local, tier: local, runtime: process, directory: ${host} }\n`,
  );
  const paths = trustPaths(space.context.env);
  mkdirSync(paths.directory, { recursive: true, mode: 0o700 });
  makeTestKey(paths.key, PASSPHRASE);
  addSigner(paths, ADA, readFileSync(`${paths.key}.pub`, "utf8"));
  const gate = (): Gate => ({
    project: loadProject(project.root),
    git: requireGit(project.root, space.context.env),
    context: space.context,
  });
  const sign = testSigner(space.directory, paths.key, PASSPHRASE);
  return {
    space,
    context: space.context,
    project,
    host,
    gate,
    sign,
    writeRunbook: (text) => {
      const path = `runbooks/${ID}/runbook.md`;
      project.write(path, compileRunbook(text, path, projectSource(loadProject(project.root))));
      project.git("add", ".");
      project.git("commit", "--quiet", "--allow-empty", "-m", "Write a runbook");
    },
    approve: async () => {
      const plan = await planDecision(gate(), ID, { decision: "approve", principal: ADA });
      return (await recordDecision(gate(), plan, PRESENT, sign)).nonce;
    },
  };
}

/** With one round of hashing for its passphrase in place of sixteen: what it protects is thrown away. */
export function makeTestKey(path: string, passphrase: string): void {
  execFileSync("ssh-keygen", ["-q", "-a", "1", "-t", "ed25519", "-N", passphrase, "-C", "test", "-f", path]);
}

/** Signs as a person would who types the passphrase: the test stands in for the terminal by SSH_ASKPASS. */
export function testSigner(folder: string, key: string, passphrase: string): SignBytes {
  return async (bytes, namespace) => {
    const ask = join(folder, "askpass");
    writeFileSync(ask, `#!/bin/sh\necho '${passphrase}'\n`);
    chmodSync(ask, 0o755);
    const file = join(folder, `sign-${Math.random()}`);
    writeFileSync(file, bytes);
    execFileSync("ssh-keygen", ["-q", "-Y", "sign", "-f", key, "-n", namespace, file], {
      env: { PATH: process.env.PATH, SSH_ASKPASS: ask, SSH_ASKPASS_REQUIRE: "force", DISPLAY: ":0" },
      stdio: "pipe",
    });
    return readFileSync(`${file}.sig`, "utf8");
  };
}

export interface RunbookParts {
  variables?: string;
  files?: string;
  steps: string;
  verification?: string;
  hosts?: string;
  author?: string;
}

export function runbookText(parts: RunbookParts): string {
  return [
    "---",
    `id: ${ID}`,
    "title: Deploy shop",
    `author: ${parts.author ?? "sysadmin@infra"}`,
    `hosts: ${parts.hosts ?? "[here]"}`,
    ...(parts.variables === undefined ? [] : [`variables: ${parts.variables}`]),
    ...(parts.files === undefined ? [] : [`files: ${parts.files}`]),
    "---",
    "",
    "## Summary",
    "",
    "What it does.",
    "",
    "## Steps",
    "",
    parts.steps.trim(),
    "",
    "## Verification",
    "",
    parts.verification ?? "```sh check host=here\ntrue\n```",
    "",
  ].join("\n");
}

/** A step that appends a letter to a file on the host, checks that it is there, and can take it back. */
export function letterStep(
  number: number,
  host: string,
  letter: string,
  extra: { check?: string } = {},
): string {
  return [
    `### ${number}. Write ${letter}`,
    "",
    "```sh run host=here",
    `printf ${letter} >>${host}/letters`,
    "```",
    "",
    "```sh check host=here",
    extra.check ?? `grep -q ${letter} ${host}/letters`,
    "```",
    "",
    "```sh rollback host=here",
    `printf ${letter.toLowerCase()} >>${host}/letters`,
    "```",
    "",
  ].join("\n");
}
