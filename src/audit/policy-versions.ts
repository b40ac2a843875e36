import { join } from "node:path";
import { VibeopsError } from "../errors.ts";
import { readIfReadable } from "../platform/files.ts";
import { type Git, gitPath } from "../platform/git.ts";
import { readObjects } from "../platform/git-objects.ts";
import { readTrail } from "../platform/git-trail.ts";
import { sha256 } from "../platform/hash.ts";
import { DEFAULT_POLICY, type Policy, readPolicy } from "../policy/policy.ts";
import type { Project } from "../project/project.ts";
import { POLICY_FILE } from "../runbook/rule-files.ts";

/** The policies that this project has had, by the hash by which statements name them; an error where one says nothing. */
export type PolicyVersions = ReadonlyMap<string, Policy | VibeopsError>;

/** Every policy.yaml that these commits brought, and the one that lies there. */
export async function readPolicyVersions(
  target: Git,
  project: Project,
  commits: Iterable<string>,
): Promise<PolicyVersions> {
  const file = join(project.root, POLICY_FILE);
  const path = gitPath(target, file);
  const changes = (await readTrail(target, commits, [path])).get(path) ?? [];
  const ids = changes.flatMap(({ status, after }) => (status === "D" ? [] : [after]));
  const objects = await readObjects(target, [...new Set(ids)]);
  const versions = [...objects.map((object) => object?.bytes), readIfReadable(file)];
  return new Map([
    ["absent", DEFAULT_POLICY],
    ...versions.flatMap((bytes) => (bytes == null ? [] : [[sha256(bytes), tryPolicy(bytes)] as const])),
  ]);
}

function tryPolicy(bytes: Buffer): Policy | VibeopsError {
  try {
    return readPolicy(bytes, POLICY_FILE);
  } catch (error) {
    if (error instanceof VibeopsError) return error;
    throw error;
  }
}
