import { join } from "node:path";
import { type Git, gitPath } from "../platform/git.ts";
import { readObjects } from "../platform/git-objects.ts";
import type { FileCommit, Trail } from "../platform/git-trail.ts";
import type { Project } from "../project/project.ts";
import type { Finding } from "../text/finding.ts";

const ONCE = /^[^/]+\/(?:approvals\/[^/]+|seal\.yaml(?:\.sig)?)$/;
const GROWING = /^[^/]+\/records\/[^/]+\.jsonl$/;
/** Versions of records that are compared at once. */
const BATCH = 500;

/**
 * What the commits did to the files of runbooks: decisions and seals are written once, and a record only ever grows,
 * each committed version beginning with the one before.
 */
export async function auditRunbookTrail(target: Git, project: Project, trail: Trail): Promise<Finding[]> {
  const folder = `${gitPath(target, join(project.root, "runbooks"))}/`;
  const findings: Finding[] = [];
  const growing: [string, readonly FileCommit[]][] = [];
  for (const [path, changes] of trail) {
    const name = path.startsWith(folder) ? path.slice(folder.length) : "";
    if (ONCE.test(name)) findings.push(...changes.slice(1).map((change) => rewritten(target, path, change)));
    if (GROWING.test(name) && changes.length > 1) growing.push([path, changes]);
  }
  for (let at = 0; at < growing.length; at += BATCH) {
    findings.push(...(await auditGrowth(target, growing.slice(at, at + BATCH))));
  }
  return findings;
}

async function auditGrowth(
  target: Git,
  records: readonly [string, readonly FileCommit[]][],
): Promise<Finding[]> {
  const objects = await readObjects(
    target,
    records.flatMap(([, changes]) => changes.map(({ after }) => after)),
  );
  const texts = objects.map((object) => object?.bytes ?? Buffer.alloc(0));
  let at = 0;
  return records.flatMap(([path, changes]) => {
    const versions = texts.slice(at, at + changes.length);
    at += changes.length;
    return changes.slice(1).flatMap((change, index) => {
      const [before, after] = [versions[index], versions[index + 1]];
      if (before === undefined || after === undefined) return [];
      const grew = change.status === "M" && after.subarray(0, before.length).equals(before);
      return grew ? [] : [rewritten(target, path, change)];
    });
  });
}

function rewritten(target: Git, path: string, { commit, status, time }: FileCommit): Finding {
  const name = commit.slice(0, 12);
  const what = status === "D" ? "removed this file" : "changed what stood in this file";
  return {
    rule: "audit.rewritten",
    level: "error",
    message: `commit ${name} of ${time.toISOString().slice(0, 10)} ${what}`,
    file: join(target.top, path),
    fix: `see: git show ${name} -- ${path}`,
  };
}
