import { lstatSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { readRegularFile } from "../platform/files.ts";
import { findDirectory, isFolder } from "../platform/folders.ts";
import { findGit, type Git, gitPath, tryGit } from "../platform/git.ts";
import { readObjects } from "../platform/git-objects.ts";
import { sha256 } from "../platform/hash.ts";
import { quoteUntrusted } from "../text/visible.ts";

/** The files of a static release, each with the hash that the host must find. */
export interface StaticFiles {
  /** The folder in the repository, as the memo names it, without slashes at its ends; `.` for all of it. */
  readonly folder: string;
  /** Whether they are the commit's. Otherwise they lay in the repository's folder, as a build leaves them. */
  readonly committed: boolean;
  /** The repository's folder in its git tree; not given where it is the whole of it. */
  readonly below?: string;
  /** Sorted by path. */
  readonly files: readonly { readonly path: string; readonly sha256: string }[];
}

const MAX_FILES = 4_000;
const MAX_BYTES = 256 * 1024 * 1024;

interface Found {
  path: string;
  read: () => Buffer;
}

/**
 * The files that a memo's `static` means: those of the commit, and where the commit has none of that name, those
 * that lie in the folder now. Null where there are neither.
 *
 * @param repository absolute
 * @throws VibeopsError `static.folder` for a path that leads out, `static.file` for a link or a name that no list can
 *   hold, `static.size`
 */
export async function readStaticFiles(
  repository: string,
  commit: string | null,
  named: string,
  context: Pick<Context, "env">,
): Promise<StaticFiles | null> {
  const folder = cleanFolder(named);
  const git = isFolder(repository) ? findGit(repository, context.env) : null;
  const fromCommit =
    git === null || commit === null ? [] : await listCommitted(git, repository, commit, folder);
  const found = fromCommit.length > 0 ? fromCommit : listFolder(repository, folder);
  if (found.length === 0) return null;
  return { folder, ...sourceOf(git, repository, fromCommit), files: hashAll(found) };
}

/** As in {@link readStaticFiles}, without reading them: where the files of a commit are to be had from. */
export async function findStaticSource(
  repository: string | null,
  commit: string | null,
  named: string,
  context: Pick<Context, "env">,
): Promise<Pick<StaticFiles, "committed" | "below">> {
  const git = repository !== null && isFolder(repository) ? findGit(repository, context.env) : null;
  if (git === null || repository === null || commit === null) return { committed: false };
  return sourceOf(git, repository, await listCommitted(git, repository, commit, cleanFolder(named)));
}

function sourceOf(git: Git | null, repository: string, fromCommit: readonly Found[]) {
  const committed = git !== null && fromCommit.length > 0;
  const below = committed ? gitPath(git, resolve(repository)) : "";
  return { committed, ...(below === "" ? {} : { below }) };
}

function cleanFolder(named: string): string {
  const parts = named.split("/").filter((part) => part !== "" && part !== ".");
  if (!named.startsWith("/") && !parts.includes("..") && !parts.includes(".git") && !/[\\:*?]/.test(named)) {
    return parts.join("/") || ".";
  }
  throw refuse(
    "folder",
    `${quoteUntrusted(named)} is no folder inside the repository`,
    "name it as in: dist",
  );
}

async function listCommitted(git: Git, repository: string, commit: string, folder: string): Promise<Found[]> {
  const below = gitPath(git, resolve(repository, folder));
  const prefix = below === "" ? "" : `${below}/`;
  const args = ["--literal-pathspecs", "ls-tree", "-r", "-l", "-z", "--full-tree", commit];
  const { exitCode, stdout } = await tryGit(git, [...args, ...(prefix === "" ? [] : ["--", prefix])]);
  if (exitCode !== 0) return [];
  const entries = stdout.split("\0").flatMap((line) => {
    // `100644 blob <id>  <size>\t<path>`
    const [, mode = "", id = "", size = "0", path = ""] =
      /^(\d+) \w+ ([0-9a-f]+) +(\d+|-)\t([\s\S]+)$/.exec(line) ?? [];
    return path === "" ? [] : [{ mode, id, size: Number(size) || 0, path: path.slice(prefix.length) }];
  });
  requireSize(
    entries.length,
    entries.reduce((sum, entry) => sum + entry.size, 0),
  );
  for (const { mode, path } of entries) if (!mode.startsWith("100")) throw noFile(path);
  const objects = await readObjects(
    git,
    entries.map(({ id }) => id),
  );
  return entries.map(({ path }, i) => ({ path, read: () => objects[i]?.bytes ?? Buffer.alloc(0) }));
}

function listFolder(repository: string, folder: string): Found[] {
  // The sender chose the name: a link in it may lead to any folder of this machine.
  const top = isFolder(repository) ? findDirectory(repository, folder) : null;
  const found: Found[] = [];
  let bytes = 0;
  const visit = (top: string, below: string): void => {
    for (const name of readdirSync(join(top, below)).sort()) {
      const path = below === "" ? name : `${below}/${name}`;
      const stats = lstatSync(join(top, path));
      if (stats.isDirectory()) {
        if (name !== ".git") visit(top, path);
        continue;
      }
      if (!stats.isFile()) throw noFile(path);
      bytes += stats.size;
      found.push({ path, read: () => readRegularFile(join(top, path), { maxBytes: MAX_BYTES }) });
      requireSize(found.length, bytes);
    }
  };
  if (top !== null) visit(top, "");
  return found;
}

function hashAll(found: readonly Found[]): StaticFiles["files"] {
  return found
    .map(({ path, read }) => {
      // The list on the host has a line for each, and `sha256sum` writes some names otherwise.
      if (/[\\\p{Cc}]/u.test(path)) throw noFile(path);
      return { path, sha256: sha256(read()) };
    })
    .toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

function requireSize(files: number, bytes: number): void {
  if (files <= MAX_FILES && bytes <= MAX_BYTES) return;
  const message = `the release has ${files} files or more and ${bytes} bytes or more; at most ${MAX_FILES} files and ${MAX_BYTES} bytes are listed one by one`;
  throw refuse("size", message, "name the folder that is served, not the whole repository; or ship an image");
}

function noFile(path: string): VibeopsError {
  const message = `${quoteUntrusted(path)} is a link, or has a name that no list of files can hold`;
  return refuse("file", message, "ask the sender for a folder of ordinary files");
}

function refuse(problem: string, message: string, fix: string): VibeopsError {
  return new VibeopsError({ code: `static.${problem}`, exit: Exit.invalid, message, fix });
}

/** As `sha256sum` writes it and checks it. */
export function formatFileList({ files }: StaticFiles): string {
  return files.map(({ path, sha256: hash }) => `${hash}  ${path}\n`).join("");
}

/** What {@link formatFileList} wrote; lines that it would not have written are left out. */
export function readFileList(text: string): StaticFiles["files"] {
  return text.split("\n").flatMap((line) => {
    const [, hash = "", path = ""] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? [];
    return path === "" ? [] : [{ path, sha256: hash }];
  });
}
