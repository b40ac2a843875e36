import { join } from "node:path";
import { type Check, ok } from "../platform/check.ts";
import type { Context } from "../platform/context.ts";
import { lstatOrNull } from "../platform/files.ts";
import { findDirectory } from "../platform/folders.ts";
import { findGit, git, gitPath, tryGit } from "../platform/git.ts";
import { quoteAlways } from "../platform/quote.ts";
import { isWritable } from "../platform/writable.ts";
import { findingOf } from "../text/finding.ts";
import { PROJECT_FILE } from "./discovery.ts";
import { loadInventory } from "./inventory.ts";
import type { Project } from "./project.ts";
import { applyScaffold, planScaffold, type ScaffoldPlan } from "./scaffold.ts";
import type { ScaffoldStep } from "./scaffold-step.ts";

/** Folders in which vibeops writes, besides those of the mail. */
const FOLDERS = ["", ".vibeops", "runbooks", "deploy"];

/** A project's own files: in order, all there, in folders that are real ones and ours to write. */
export async function checkProject(project: Project, context: Context): Promise<Check[]> {
  const plan = await planScaffold(context, { root: project.root });
  return [
    ok("project.config", `${PROJECT_FILE} of ${project.name}`),
    ...checkInventory(project),
    ...checkFolders(project.root, FOLDERS),
    ...(await checkIgnored(project.root, plan, context)),
    ...(await checkConverted(project.root, context)),
    ...checkScaffold(plan, context),
  ];
}

/** An error of ours as what was found; anything else is thrown again. */
export function checkOf(error: unknown, path: string): Check {
  const { rule, level, message, file, line, fix } = findingOf(error, path);
  return { name: rule, status: level, what: message, file, line, fix };
}

/** Each folder that is there: a real one, and ours to write. */
export function checkFolders(root: string, folders: readonly string[]): Check[] {
  const wrong = folders.flatMap((folder): Check[] => {
    const path = join(root, folder);
    try {
      if (findDirectory(root, folder) === null || isWritable(path)) return [];
    } catch (error) {
      return [checkOf(error, path)];
    }
    const what = "this folder cannot be written from here (a sandbox, or somebody else's)";
    return [
      {
        name: "file.read-only",
        status: "warning",
        what,
        file: path,
        fix: `see: ls -ld ${quoteAlways(path)}`,
      },
    ];
  });
  return wrong.length > 0
    ? wrong
    : [ok("project.folders", folders.includes("") ? "its folders" : "the memo folders")];
}

function checkInventory(project: Project): Check[] {
  const file = join(project.root, "inventory.yaml");
  if (lstatOrNull(file) === null) return [];
  try {
    loadInventory(project);
    return [ok("project.inventory", "inventory.yaml")];
  } catch (error) {
    return [checkOf(error, file)];
  }
}

/** What is local must not get into the history: whoever clones it would take over a session that is not theirs. */
async function checkIgnored(root: string, plan: ScaffoldPlan, context: Context): Promise<Check[]> {
  const target = findGit(root, context.env);
  if (target === null) return [];
  const folder = join(root, ".vibeops");
  const tracked = await git(target, ["--literal-pathspecs", "ls-files", "-z", "--", folder]);
  if (tracked !== "") {
    const what = ".vibeops/ is in the repository: locks and sessions of this machine are in the history";
    const place = quoteAlways(`:(top,literal)${gitPath(target, folder)}`);
    const fix = `git rm -r --cached ${place} && git commit -m 'Take out what is local'`;
    return [{ name: "project.tracked", status: "error", what, file: folder, fix }];
  }
  const { exitCode } = await tryGit(target, ["check-ignore", "--quiet", "--no-index", join(folder, "any")]);
  if (exitCode === 0) return [ok("project.ignored", ".vibeops/ ignored by git")];
  const what = "git does not ignore .vibeops/, which is for this machine alone";
  const file = join(root, ".gitignore");
  return [{ name: "project.ignored", status: "error", what, file, ...mendBy(plan, [".gitignore"], context) }];
}

/** What is compared, hashed or signed, as .gitattributes names it, and a file of the kind. */
const KEPT_AS_IT_IS = {
  "memos/**": "memos/incoming/any.md",
  "runbooks/**": "runbooks/any/runbook.md",
  "deploy/**": "deploy/any/compose.yaml",
  [PROJECT_FILE]: PROJECT_FILE,
};

/** Attributes by which git writes other bytes into the work tree than a commit holds, or the other way round. */
const CONVERTS = ["text", "working-tree-encoding", "filter", "ident"];

/** A rule that comes after those of `init` gives every clone other bytes than the memo that was sent. */
async function checkConverted(root: string, context: Context): Promise<Check[]> {
  const target = findGit(root, context.env);
  if (target === null) return [];
  const paths = Object.values(KEPT_AS_IT_IS).map((path) => gitPath(target, join(root, path)));
  const fields = (await git(target, ["check-attr", "-z", ...CONVERTS, "--", ...paths])).split("\0");
  const found = Object.keys(KEPT_AS_IT_IS).flatMap((pattern, i) => {
    const rules = CONVERTS.flatMap((name, j) => {
      const value = fields[(i * CONVERTS.length + j) * 3 + 2] ?? "";
      return /^(?:unset|unspecified|)$/.test(value) ? [] : [`${name}: ${value}`];
    });
    return rules.length === 0 ? [] : [{ pattern, rules }];
  });
  const [first] = found;
  if (first === undefined) return [ok("project.converted", "git keeps the bytes of memos as they are")];
  const patterns = found.map(({ pattern }) => pattern);
  const what = `git's attributes (${first.rules.join(", ")}) make it write other bytes than were sent or approved: ${patterns.join(", ")}`;
  const off = CONVERTS.map((name) => `-${name}`).join(" ");
  const fix = `take out the rule, or add as last lines: ${patterns.map((pattern) => `"${pattern} ${off}"`).join(", ")}`;
  return [{ name: "project.converted", status: "warning", what, file: join(root, ".gitattributes"), fix }];
}

/** What `init` would add: instructions for agents, pointers to them, STATE.md, folders. */
function checkScaffold(plan: ScaffoldPlan, context: Context): Check[] {
  const isOther = ({ path }: ScaffoldStep) => path !== ".gitignore" && path !== PROJECT_FILE;
  const missing = plan.steps
    .filter(isWrite)
    .filter(isOther)
    .map(({ path }) => path);
  const skipped = plan.steps.filter(({ action, why }) => action === "skip" && !why?.startsWith("it links"));
  const checks = skipped.map(({ path, why }): Check => {
    return {
      name: "project.skipped",
      status: "warning",
      what: `${path}: ${why}`,
      file: join(plan.root, path),
    };
  });
  if (missing.length === 0) return [...checks, ok("project.files", "AGENTS.md, its pointers and STATE.md")];
  const what = `what init writes is not there, or not whole: ${missing.join(", ")}`;
  return [
    ...checks,
    { name: "project.lacks", status: "warning", what, file: plan.root, ...mendBy(plan, missing, context) },
  ];
}

function isWrite({ action }: ScaffoldStep): boolean {
  return action === "create" || action === "append";
}

/** As `init` does it: creates, or adds at the end; what is there stays as it is. */
function mendBy(plan: ScaffoldPlan, paths: readonly string[], context: Context): Pick<Check, "fix" | "mend"> {
  const steps = plan.steps.filter((step) => isWrite(step) && paths.includes(step.path));
  if (steps.length === 0) return { fix: "add the line /.vibeops/ to .gitignore" };
  const does = steps.map((step) => {
    return step.action === "create"
      ? `create ${step.path}`
      : `add at the end of ${step.path}: ${addedRules(step)}`;
  });
  return {
    fix: "vibeops init",
    mend: { does: does.join(", "), apply: () => applyScaffold({ ...plan, steps }, context) },
  };
}

/** What is added, without its comments, for whoever says yes to it. */
function addedRules({ before, content }: ScaffoldStep): string {
  const added = content
    .subarray(before?.length ?? 0)
    .toString("utf8")
    .split(/\r?\n/);
  const rules = added.filter(
    (line) => line.trim() !== "" && !line.startsWith("#") && !line.startsWith("<!--"),
  );
  return rules.length > 3 ? `${rules.length} lines` : rules.join(", ");
}
