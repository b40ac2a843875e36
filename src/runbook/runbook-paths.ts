import { readdirSync } from "node:fs";
import { join } from "node:path";
import { findDirectory } from "../platform/folders.ts";
import { ID_PATTERN } from "../platform/ids.ts";
import type { Project } from "../project/project.ts";

export const RUNBOOKS_FOLDER = "runbooks";

/** Where everything about one runbook lies: absolute paths. */
export interface RunbookFolder {
  readonly id: string;
  readonly path: string;
  /** runbook.md */
  readonly document: string;
  readonly approvals: string;
  readonly records: string;
  /** record.md, drawn when it is closed. */
  readonly report: string;
  /** The statement that closes it, and its signature beside it. */
  readonly seal: string;
}

export function runbookFolder(project: Pick<Project, "root">, id: string): RunbookFolder {
  const path = join(project.root, RUNBOOKS_FOLDER, id);
  return {
    id,
    path,
    document: join(path, "runbook.md"),
    approvals: join(path, "approvals"),
    records: join(path, "records"),
    report: join(path, "record.md"),
    seal: join(path, "seal.yaml"),
  };
}

/** Path of a runbook below the project's root. */
export function runbookPath(id: string): string {
  return `${RUNBOOKS_FOLDER}/${id}/runbook.md`;
}

/** Ids of all runbooks, oldest first. Names that are no ids are not ours and are left alone. */
export function listRunbookIds(project: Pick<Project, "root">): string[] {
  const folder = findDirectory(project.root, RUNBOOKS_FOLDER);
  if (folder === null) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && ID_PATTERN.test(entry.name))
    .map((entry) => entry.name)
    .sort();
}
