import { mkdirSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { lstatOrNull, publishNew } from "../platform/files.ts";
import { ensureDirectory } from "../platform/folders.ts";
import { findGit, tryGit } from "../platform/git.ts";
import { explainFailure } from "../platform/git-failure.ts";
import { safeEnvironment } from "../platform/git-settings.ts";
import { slugify } from "../platform/ids.ts";
import { runProcess } from "../platform/process.ts";
import { replaceFile } from "../platform/replace.ts";
import { readYaml } from "../text/yaml-own.ts";
import { PROJECT_FILE } from "./discovery.ts";
import { NAME_PATTERN, NAME_RULE } from "./names.ts";
import { loadProject, type Project, type ProjectConfig, projectSchema } from "./project.ts";
import { planFiles } from "./scaffold-files.ts";
import type { ScaffoldStep } from "./scaffold-step.ts";

export interface ScaffoldRequest {
  /** The folder that becomes a project; it need not exist. */
  root: string;
  /** Roles that work here; those of an existing vibeops.yaml, else `developer`, where none is named. */
  roles?: readonly string[];
  /** The project's name; from an existing vibeops.yaml, else from the folder's name, unless told. */
  name?: string;
  /** Who plays the roles: `builtin` unless told. */
  provider?: ProjectConfig["agents"][string]["provider"];
  /** What agents may run here, by name; an existing vibeops.yaml keeps its own. */
  commands?: Readonly<Record<string, string>>;
}

export interface ScaffoldPlan {
  root: string;
  name: string;
  /** All roles of the project, the first one first. */
  roles: readonly string[];
  /** The repository around the project; null where `git init` will make one. */
  repository: string | null;
  steps: readonly ScaffoldStep[];
}

/**
 * What `init` would do, without doing it: creates what is missing, appends to what is there, overwrites nothing.
 *
 * @throws VibeopsError `init.name`, `init.role`, `init.project`, `init.git`, and what an unreadable vibeops.yaml throws
 */
export async function planScaffold(context: Context, request: ScaffoldRequest): Promise<ScaffoldPlan> {
  const root = realFolder(request.root);
  refuseGitDirectory(root);
  const existing = lstatOrNull(join(root, PROJECT_FILE)) === null ? null : loadProject(root);
  const name = chooseName(request, root, existing);
  const roles = chooseRoles(request, existing);
  const { provider = "builtin", commands = {} } = request;
  const steps = planFiles(context, { root, name, roles, provider, existing, commands });
  return { root, name, roles, repository: await repositoryAround(root, context), steps };
}

/** The project as it will be after {@link applyScaffold}, for planning its peers in the same breath. */
export function plannedProject(plan: ScaffoldPlan): Project {
  const step = plan.steps.find((candidate) => candidate.path === PROJECT_FILE);
  const file = join(plan.root, PROJECT_FILE);
  const configText = step?.content.toString("utf8") ?? "";
  const { value, lineOf } = readYaml(configText, projectSchema, file);
  return { root: plan.root, name: value.project, config: value, configText, lineOf };
}

/** Whether applying the plan would change anything. */
export function hasScaffoldChanges(plan: ScaffoldPlan): boolean {
  return plan.repository === null || plan.steps.some((step) => isWrite(step));
}

/**
 * Carries out a plan; commits nothing.
 *
 * @throws VibeopsError `file.changed` where a file was made or changed since the plan
 */
export async function applyScaffold(plan: ScaffoldPlan, context: Context): Promise<void> {
  mkdirSync(plan.root, { recursive: true });
  if (plan.repository === null) await createRepository(plan.root, context);
  for (const step of plan.steps.filter(isWrite)) await writeStep(plan.root, step);
}

function isWrite(step: ScaffoldStep): boolean {
  return step.action === "create" || step.action === "append";
}

async function writeStep(root: string, step: ScaffoldStep): Promise<void> {
  const path = join(ensureDirectory(root, dirname(step.path)), basename(step.path));
  if (step.action === "append") return await replaceFile(path, step.before, step.content);
  if (publishNew(path, step.content) === "created") return;
  throw new VibeopsError({
    code: "file.changed",
    exit: Exit.conflict,
    message: "somebody made this file in the meantime; it was left as it is",
    file: path,
    fix: "run the command again",
  });
}

/** `git init` where nothing around is a repository that would take the project's files. */
async function createRepository(root: string, context: Context): Promise<void> {
  const result = await runProcess("git", ["init", "--quiet"], {
    cwd: root,
    env: safeEnvironment(context.env),
  });
  if (result.exitCode === 0) return;
  throw new VibeopsError({ ...explainFailure("init", result), file: root });
}

/** A repository that ignores the folder would hold no trail of it, so it does not count. */
async function repositoryAround(root: string, context: Context): Promise<string | null> {
  const around = findGit(nearestFolder(root), context.env);
  if (around === null || around.top === root) return around?.top ?? null;
  const ignored = await tryGit(around, ["check-ignore", "--quiet", "--", `${root}/`]);
  return ignored.exitCode === 0 ? null : around.top;
}

/** In what git itself keeps there are no work trees: a bare repository, or the .git of another. @throws VibeopsError `init.git` */
function refuseGitDirectory(root: string): void {
  const parts = ["HEAD", "objects", "refs"];
  for (let path = root; path !== dirname(path); path = dirname(path)) {
    // Work trees may lie inside of the bare repository that they belong to.
    if (lstatOrNull(join(path, ".git")) !== null) return;
    if (!parts.every((part) => lstatOrNull(join(path, part)) !== null)) continue;
    throw new VibeopsError({
      code: "init.git",
      exit: Exit.conflict,
      message: "this folder is a git repository's own, without a work tree; no project can lie in it",
      file: path,
      fix: "clone it, and make the project there",
    });
  }
}

/** The folder itself, or the nearest one above it that exists. */
function nearestFolder(path: string): string {
  return lstatOrNull(path) === null ? nearestFolder(dirname(path)) : path;
}

function realFolder(path: string): string {
  const nearest = nearestFolder(path);
  return join(realpathSync(nearest), path.slice(nearest.length));
}

function chooseName(request: ScaffoldRequest, root: string, existing: Project | null): string {
  const { name } = request;
  if (existing !== null) {
    if (name === undefined || name === existing.name) return existing.name;
    throw new VibeopsError({
      code: "init.project",
      exit: Exit.conflict,
      message: `this project is called '${existing.name}' already`,
      file: join(root, PROJECT_FILE),
      line: existing.lineOf(["project"]),
      fix: `to rename it, change that line by hand: project: ${name}`,
    });
  }
  return requireName(name ?? slugify(basename(root)), "init.name", "project", "--name shop");
}

function chooseRoles(request: ScaffoldRequest, existing: Project | null): string[] {
  const here = existing === null ? [] : Object.keys(existing.config.agents);
  const asked = request.roles ?? [];
  const roles = [...new Set([...here, ...asked])];
  if (roles.length === 0) return ["developer"];
  return roles.map((role) => requireName(role, "init.role", "role", "--role developer"));
}

function requireName(name: string, code: string, what: string, example: string): string {
  if (NAME_PATTERN.test(name)) return name;
  throw new VibeopsError({
    code,
    exit: Exit.usage,
    message: `'${name}' cannot be the name of a ${what}: a name is ${NAME_RULE}`,
    fix: `name one: ${example}`,
  });
}
