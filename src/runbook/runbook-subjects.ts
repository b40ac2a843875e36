import { readdirSync } from "node:fs";
import { join } from "node:path";
import { VibeopsError } from "../errors.ts";
import { readDeployment } from "../memo/deployment.ts";
import { idOfFileName } from "../memo/file-name.ts";
import { ARCHIVED, findByMonth, INCOMING, readMemoFile } from "../memo/mailbox.ts";
import { findDirectory } from "../platform/folders.ts";
import { ID_PATTERN } from "../platform/ids.ts";
import type { Runbook } from "./runbook.ts";

/**
 * What a runbook is about, for finding earlier ones about the same: the service that the memo names, the folders of
 * deploy/ that its files come from, and its title without numbers. Two runbooks that share one of these are compared.
 */
export function subjectsOf(
  root: string,
  runbook: Pick<Runbook, "title" | "files" | "memo">,
  now: Date,
): Set<string> {
  const folders = runbook.files.flatMap((path) => /^deploy\/([^/]+)\//.exec(path)?.[1] ?? []);
  const service = runbook.memo === undefined ? undefined : serviceOfMemo(root, runbook.memo, now);
  const services = [...folders, ...(service === undefined ? [] : [service])];
  const title = titleWithoutNumbers(runbook.title);
  return new Set([...services.map((name) => `service ${name}`), ...(title === "" ? [] : [title])]);
}

function titleWithoutNumbers(title: string): string {
  const words = title.toLowerCase().split(/\s+/);
  return words.filter((word) => !/^v?\d+(?:[.\d]|$)/.test(word)).join(" ");
}

/** Undefined where the memo is not here any more, or says nothing of a service. */
function serviceOfMemo(root: string, id: string, now: Date): string | undefined {
  if (!ID_PATTERN.test(id)) return undefined;
  try {
    const path = findIncoming(root, id) ?? findByMonth(root, ARCHIVED, id);
    if (path === null) return undefined;
    return readDeployment(readMemoFile(path, path.slice(path.lastIndexOf("/") + 1), now).memo).block.service;
  } catch (error) {
    if (error instanceof VibeopsError) return undefined;
    throw error;
  }
}

function findIncoming(root: string, id: string): string | null {
  const folder = findDirectory(root, INCOMING);
  if (folder === null) return null;
  const name = readdirSync(folder).find((candidate) => idOfFileName(candidate) === id);
  return name === undefined ? null : join(folder, name);
}
