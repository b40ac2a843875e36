import { checkModels } from "../../agent/model-checks.ts";
import { checkVendors } from "../../agent/vendors/checks.ts";
import { VibeopsError } from "../../errors.ts";
import { checkMail } from "../../memo/checks.ts";
import { checkMesh } from "../../mesh/checks.ts";
import type { Check } from "../../platform/check.ts";
import { findGit } from "../../platform/git.ts";
import { checkPrograms } from "../../platform/program-checks.ts";
import { checkRepository } from "../../platform/repository-checks.ts";
import { checkPolicy } from "../../policy/checks.ts";
import { checkOf, checkProject } from "../../project/checks.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { checkPeers } from "../../project/peer-checks.ts";
import { loadProject, type Project } from "../../project/project.ts";
import { checkRunbooks } from "../../runbook/checks.ts";
import { checkReach } from "../../runbook/reach-checks.ts";
import { checkTrust } from "../../runbook/trust-checks.ts";
import { checkSessions } from "../../session/checks.ts";
import { checkState } from "../../state/checks.ts";
import { agentProgram } from "../agent-program.ts";
import type { Io } from "../io.ts";

/** What was examined, in the order in which a person would want to know of it. */
export interface Examination {
  /** Null where there is no project around, or none that can be read: then only the rest was examined. */
  project: string | null;
  checks: Check[];
}

/** Asks every folder for its checks. One that fails is an error among the others, and hides none of them. */
export async function examine(io: Io): Promise<Examination> {
  const { context } = io;
  const checks = await attempt("programs", () => checkPrograms(context, process.versions.node));
  const root = findRoot(io, checks);
  if (root !== null) checks.push(...(await attempt(root, () => checkRepository(root, context))));
  const project = root === null ? null : loadOrSay(root, checks);
  if (project !== null) checks.push(...(await examineProject(io, project)));
  const top = root === null ? null : (findGit(root, context.env)?.top ?? null);
  checks.push(...(await attempt("trust", () => checkTrust(top, context))));
  checks.push(...(await attempt("environment", () => checkReach(context))));
  return { project: project?.name ?? null, checks };
}

/** Whoever has something to examine in a project is a line here. */
async function examineProject({ context }: Io, project: Project): Promise<Check[]> {
  const now = context.now();
  const git = findGit(project.root, context.env);
  const sources: (() => Check[] | Promise<Check[]>)[] = [
    () => checkProject(project, context),
    () => checkState(project),
    () => checkPeers(project, now),
    () => checkMail(project, context),
    () => checkMesh(project, context),
    () => checkPolicy(project),
    () => (git === null ? [] : checkRunbooks({ project, git, context })),
    () => checkSessions(project, context),
    () => checkVendors(project, context, agentProgram(context.env)),
    () => checkModels(project, context.env),
  ];
  const checks: Check[] = [];
  for (const source of sources) checks.push(...(await attempt(project.root, source)));
  return checks;
}

async function attempt(path: string, source: () => Check[] | Promise<Check[]>): Promise<Check[]> {
  try {
    return await source();
  } catch (error) {
    return [checkOf(error, path)];
  }
}

function findRoot(io: Io, checks: Check[]): string | null {
  try {
    return findProjectRoot(io.cwd);
  } catch (error) {
    if (!(error instanceof VibeopsError) || error.code !== "project.missing") throw error;
    const what = "this folder is in no project, so the machine alone was examined";
    checks.push({ name: error.code, status: "warning", what, file: io.cwd, fix: error.fix });
    return null;
  }
}

function loadOrSay(root: string, checks: Check[]): Project | null {
  try {
    return loadProject(root);
  } catch (error) {
    const check = checkOf(error, root);
    checks.push({ ...check, what: `${check.what} (mail, peers and runbooks were not examined)` });
    return null;
  }
}
