import { join } from "node:path";
import type { Context } from "../platform/context.ts";
import { readIfExists } from "../platform/files.ts";
import { sha256 } from "../platform/hash.ts";
import { type Inventory, type InventoryHost, loadInventory } from "../project/inventory.ts";
import type { Project } from "../project/project.ts";
import type { Action } from "./actions/action.ts";
import { definitionHash, findAction } from "./actions/actions.ts";
import { type AssessedCommand, type Assessment, assessRunbook } from "./assess-runbook.ts";
import type { FileSource } from "./compile-runbook.ts";
import { hashFile, hashOrAbsent } from "./file-hashes.ts";
import { type HostIdentity, identifyHost } from "./host-identity.ts";
import { lockScript } from "./host-lock.ts";
import { projectSource } from "./project-files.ts";
import { RULE_FILES, type Rules } from "./rule-files.ts";
import type { Command, Runbook } from "./runbook.ts";
import type { LoadedRunbook } from "./runbook-folder.ts";
import { type LocalPlaces, localPlaces } from "./staged-files.ts";
import type { StatementCommand, StatementContent } from "./statement.ts";

/** What a decision would be about right now, and what it was made from. */
export interface CurrentContent {
  readonly content: StatementContent;
  readonly assessment: Assessment;
  readonly inventory: Inventory;
  readonly identities: readonly HostIdentity[];
  /** The project's files as they were hashed: read once, and never again while this content is judged, shown and run. */
  readonly files: FileSource;
  /** The files that decide tiers and who may do what, as they were hashed; null where there is none. */
  readonly rules: Rules;
  readonly places: LocalPlaces;
}

/**
 * Reads everything that an approval covers from disk as it is now. Nothing is taken from what was read before,
 * but for the runbook's own bytes, whose hash is in the content and which are the ones that will run.
 */
export async function readCurrentContent(
  project: Project,
  loaded: LoadedRunbook,
  env: Context["env"],
): Promise<CurrentContent> {
  const { runbook } = loaded;
  const { inventory, bytes } = loadInventory(project);
  // ssh and ssh-keygen answer while commands are judged; what they fail with is thrown below.
  const identifying = Promise.all(runbook.hosts.map((name) => identify(name, inventory, env)));
  identifying.catch(() => undefined);
  const files = projectSource(project);
  const assessment = assessRunbook(runbook, inventory, files);
  const rules: Rules = {
    policy: readIfExists(join(project.root, RULE_FILES.policy)),
    inventory: bytes,
    project: readIfExists(join(project.root, RULE_FILES.project)),
  };
  const identities = await identifying;
  const content: StatementContent = {
    runbook: { id: runbook.id, title: runbook.title, sha256: loaded.sha256 },
    steps: assessment.steps.map(({ step, commands }) => ({
      number: step.number,
      title: step.title,
      ...(step.action === undefined ? {} : { action: step.action.use }),
      ...(step.action?.delegated === true ? { delegated: "yes" as const } : {}),
      commands: commands.map(describeCommand),
    })),
    verification: assessment.verification.flatMap(({ commands }) => commands.map(describeCommand)),
    files: runbook.files.map((path) => ({ path, sha256: hashFile(files, path) })),
    actions: actionsOf(runbook, files.actions),
    variables: { ...runbook.variables },
    hosts: identities.map((identity) => ({
      name: identity.name,
      entry: canonicalEntry(hostOf(inventory, identity.name)),
      resolved: identity.resolved,
      host_keys: [...new Set(identity.keys.map((key) => key.fingerprint))],
      lock: sha256(lockScript(hostOf(inventory, identity.name) ?? { transport: "ssh" })),
    })),
    policy: hashOrAbsent(rules.policy),
    inventory: hashOrAbsent(rules.inventory),
    project: hashOrAbsent(rules.project),
  };
  const places = localPlaces(env, project.root, runbook);
  return { content, assessment, inventory, identities, files, rules, places };
}

async function identify(name: string, inventory: Inventory, env: Context["env"]): Promise<HostIdentity> {
  const host = hostOf(inventory, name);
  return host === undefined ? { name, resolved: "unknown", keys: [] } : await identifyHost(name, host, env);
}

export function hostOf(inventory: Inventory, name: string): InventoryHost | undefined {
  return Object.hasOwn(inventory.hosts, name) ? inventory.hosts[name] : undefined;
}

function describeCommand({ command, tier }: AssessedCommand): StatementCommand {
  return { kind: command.kind, host: command.host, tier, sha256: hashCommand(command) };
}

/** Covers everything that decides what runs and when it counts as done. */
export function hashCommand(command: Command): string {
  const { kind, host, script, timeoutMs, attempts, intervalMs } = command;
  const { name, pattern } = command.capture ?? { name: null, pattern: null };
  const parts = [kind, host, script, timeoutMs, command.expect ?? null, attempts, intervalMs, name, pattern];
  return sha256(JSON.stringify(command.together ? [...parts, "together"] : parts));
}

function actionsOf(runbook: Runbook, defined: readonly Action[] = []): StatementContent["actions"] {
  const calls = [...runbook.steps, ...runbook.verification].flatMap(({ action }) => action?.use ?? []);
  return [...new Set(calls)].flatMap((name) => {
    const action = findAction(name, defined);
    return action === undefined ? [] : [{ name, sha256: definitionHash(action) }];
  });
}

/** An inventory entry as one text, whatever the order of its keys. */
function canonicalEntry(host: InventoryHost | undefined): string {
  return host === undefined ? "absent" : JSON.stringify(sortKeys(host));
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  const sorted = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([key, inner]) => [key, sortKeys(inner)]));
}
