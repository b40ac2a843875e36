import { type Inventory, loadInventory } from "../project/inventory.ts";
import type { Project } from "../project/project.ts";
import { findSharedAddresses } from "../project/shared-address.ts";
import { type Finding, withoutDoubles } from "../text/finding.ts";
import { findFlags } from "../text/flags.ts";
import { findSecrets } from "../text/secrets.ts";
import { assessRunbook } from "./assess-runbook.ts";
import type { FileSource } from "./compile-runbook.ts";
import { lintActions } from "./lint-actions.ts";
import { lintCalledFiles } from "./lint-called-files.ts";
import { lintCaptures } from "./lint-captures.ts";
import { lintDelegated } from "./lint-delegated.ts";
import { lintEscapes } from "./lint-escapes.ts";
import { lintFences } from "./lint-fences.ts";
import { lintFiles } from "./lint-files.ts";
import { lintHosts } from "./lint-hosts.ts";
import { lintLinks } from "./lint-links.ts";
import { lintSections } from "./lint-sections.ts";
import { lintSteps } from "./lint-steps.ts";
import { projectSource } from "./project-files.ts";
import { fencesOf, type Runbook } from "./runbook.ts";

/** What a runbook is held against: read once by whoever goes on to show and to sign the same. */
export interface LintSources {
  readonly inventory: Inventory;
  readonly files: FileSource;
}

/**
 * Everything that a runbook can be told before anybody reads it. An error keeps it from being approved. What it is
 * held against is read from disk unless given.
 */
export function lintRunbook(
  project: Project,
  runbook: Runbook,
  { inventory, files }: LintSources = readSources(project),
): Finding[] {
  const assessment = assessRunbook(runbook, inventory, files);
  const findings = [
    ...lintHosts(runbook, inventory),
    ...lintAddresses(runbook, inventory),
    ...lintFiles(runbook, files),
    ...lintCalledFiles(project.root, runbook, assessment, inventory),
    ...lintCaptures(runbook),
    ...lintSteps(runbook, assessment),
    ...lintActions(runbook, assessment),
    ...lintDelegated(project, assessment, inventory),
    ...lintCharacters(runbook),
    ...lintEscapes(runbook),
    ...lintSecrets(runbook),
    ...lintLinks(project.root, runbook),
    ...lintSections(runbook),
    ...lintFences(runbook),
    ...lintVerification(runbook),
  ];
  return withoutDoubles(findings)
    .map((finding) => ({ file: runbook.file, ...finding }))
    .toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

function readSources(project: Project): LintSources {
  return { inventory: loadInventory(project).inventory, files: projectSource(project) };
}

/** The milder of two tiers for one machine would be a way round the other. */
function lintAddresses(runbook: Runbook, inventory: Inventory): Finding[] {
  return findSharedAddresses(inventory)
    .filter(({ hosts }) => runbook.hosts.some((name) => hosts.includes(name)))
    .map(({ address, hosts, tiers }) => ({
      rule: "runbook.host-twice",
      level: "error",
      message: `${hosts.join(" and ")} are one machine, ${address}, and stand in inventory.yaml as ${tiers.join(" and ")}`,
      fix: "make them one host, or give them one tier: the higher one",
    }));
}

function lintCharacters(runbook: Runbook): Finding[] {
  const inText = findFlags(runbook.text, "markdown");
  const inCommands = [...runbook.steps.flatMap(fencesOf), ...runbook.verification].flatMap((command) =>
    findFlags(command.script, "command").map((flag) => ({ ...flag, line: command.line + flag.line })),
  );
  const seen = new Set<string>();
  return [...inText, ...inCommands].flatMap((flag): Finding[] => {
    const key = `${flag.line}:${flag.column}:${flag.kind}`;
    if (seen.has(key)) return [];
    seen.add(key);
    return [
      {
        rule: `runbook.${flag.kind}`,
        level: "error",
        message: `column ${flag.column}: ${flag.what}`,
        line: flag.line,
        fix: "write it so that everybody sees what it is",
      },
    ];
  });
}

function lintSecrets(runbook: Runbook): Finding[] {
  return findSecrets(runbook.text).map((secret) => ({
    rule: "runbook.secret",
    level: "error",
    message: `this looks like a secret (${secret.kind}): ${secret.excerpt}`,
    line: secret.line,
    fix: "keep it on the host, in a file that the command reads",
  }));
}

function lintVerification(runbook: Runbook): Finding[] {
  if (runbook.verification.length > 0) return [];
  return [
    {
      rule: "runbook.verification",
      level: "error",
      message: "there is no check under Verification, so it could never be closed",
      fix: "add: ## Verification, and at least one sh check fence",
    },
  ];
}
