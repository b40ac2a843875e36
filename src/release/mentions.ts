import { VibeopsError } from "../errors.ts";
import type { StoredMemo } from "../memo/mailbox.ts";
import type { Project } from "../project/project.ts";
import type { Runbook } from "../runbook/runbook.ts";
import { loadRunbook } from "../runbook/runbook-folder.ts";
import { listOpenRunbookIds } from "../runbook/store.ts";
import { tryBlock } from "./blocks.ts";
import type { ServiceFacts } from "./service-facts.ts";

/** An open runbook or a pending memo that speaks of a service. */
export interface Mention {
  readonly id: string;
  readonly title: string;
  /** How one can tell: the file, the block, or the line of its text. */
  readonly because: string;
}

/** What is open, read once for all services. */
export interface OpenPapers {
  readonly runbooks: readonly Runbook[];
  readonly memos: readonly StoredMemo[];
  /** What is open and cannot be read. */
  readonly unknown: readonly string[];
}

export function readOpenRunbooks(project: Project): Pick<OpenPapers, "runbooks" | "unknown"> {
  const runbooks: Runbook[] = [];
  const unknown: string[] = [];
  for (const id of listOpenRunbookIds(project)) {
    try {
      runbooks.push(loadRunbook(project, id).runbook);
    } catch (error) {
      if (!(error instanceof VibeopsError)) throw error;
      unknown.push(`what runbook ${id} speaks of: ${error.message}`);
    }
  }
  return { runbooks, unknown };
}

export function findRunbooks(papers: OpenPapers, { service, runbook: own }: ServiceFacts): Mention[] {
  return papers.runbooks.flatMap((runbook) => {
    const { id, title, files, text } = runbook;
    const file = files.find((path) => path.startsWith(`deploy/${service}/`));
    const because =
      id === own
        ? "it was prepared for it"
        : file !== undefined
          ? `it installs ${file}`
          : lineThatNames(text, service);
    return because === null ? [] : [{ id, title, because }];
  });
}

export function findMemos(root: string, papers: OpenPapers, { service, memo: own }: ServiceFacts): Mention[] {
  return papers.memos.flatMap((stored) => {
    const { id, subject, text } = stored.memo;
    const because =
      id === own
        ? "it was prepared from it"
        : tryBlock(root, stored)?.block.service === service
          ? "it asks for its deployment"
          : lineThatNames(text, service);
    return because === null ? [] : [{ id, title: subject, because }];
  });
}

function lineThatNames(text: string, service: string): string | null {
  const name = new RegExp(`(?<![\\w.-])${service.replaceAll(/[^\w]/g, "\\$&")}(?![\\w-])`);
  const index = text.split("\n").findIndex((line) => name.test(line));
  return index < 0 ? null : `line ${index + 1} names it`;
}
