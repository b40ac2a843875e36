import { type Dirent, readdirSync } from "node:fs";
import { join } from "node:path";
import { isSystemError } from "../../errors.ts";
import { type Git, tryGit } from "../../platform/git.ts";
import type { Findings } from "./findings.ts";

/** What a folder outside git is searched for at most. */
const MAX_WALKED = 20_000;
const MAX_DEPTH = 24;

/** Folders that hold what others wrote, or what a build made. */
const NOT_OURS = new Set([
  ".git",
  ".hg",
  ".svn",
  ".cache",
  ".gradle",
  ".idea",
  ".mypy_cache",
  ".next",
  ".nuxt",
  ".pytest_cache",
  ".svelte-kit",
  ".terraform",
  ".tox",
  ".venv",
  ".vibeops",
  ".vscode",
  "__pycache__",
  "bower_components",
  "build",
  "coverage",
  "dist",
  "node_modules",
  "out",
  "target",
  "vendor",
  "venv",
]);

/**
 * Paths below a folder, with forward slashes, sorted: as git lists them, untracked ones too and ignored ones not. Where
 * git knows nothing of the folder it is walked, without following links.
 */
export async function listFiles(
  directory: string,
  git: Git | null,
  findings: Findings,
): Promise<{ paths: string[]; isFromGit: boolean }> {
  const listed = git === null ? [] : await listByGit({ ...git, top: directory });
  if (listed.length > 0) return { paths: listed, isFromGit: true };
  return { paths: walk(directory, findings), isFromGit: false };
}

async function listByGit(git: Git): Promise<string[]> {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const { exitCode, stdout } = await tryGit(git, args);
  if (exitCode !== 0) return [];
  const paths = stdout.split("\0");
  paths.pop();
  // In a conflict a path stands there three times; the list itself is sorted, tracked and untracked apart.
  return [...new Set(paths)];
}

function walk(directory: string, findings: Findings): string[] {
  const files: string[] = [];
  const open: { path: string; depth: number }[] = [{ path: "", depth: 0 }];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    for (const entry of entriesOf(join(directory, next.path))) {
      const path = next.path === "" ? entry.name : `${next.path}/${entry.name}`;
      if (!entry.isDirectory()) files.push(path);
      else if (isWalked(entry.name, next.depth)) open.push({ path, depth: next.depth + 1 });
      if (files.length >= MAX_WALKED) {
        const message = `more than ${MAX_WALKED} files; the rest was not looked at`;
        findings.add("scan.files", "warning", message, { file: ".", line: 1 }, "run: git init");
        return files;
      }
    }
  }
  return files;
}

function isWalked(name: string, depth: number): boolean {
  return depth < MAX_DEPTH && !NOT_OURS.has(name);
}

function entriesOf(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (isSystemError(error, "EACCES", "EPERM", "ENOENT", "ENOTDIR", "EIO", "ELOOP")) return [];
    throw error;
  }
}
