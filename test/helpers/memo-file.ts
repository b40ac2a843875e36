import { join } from "node:path";
import type { TestProject } from "./workspace.ts";

/** What a memo of a test says; the rest is made up. */
export interface MemoWords {
  id: string;
  subject?: string;
  from?: string;
  to?: string;
  priority?: string;
  type?: string;
  date?: string;
  body?: string;
}

/** Puts a memo into a folder of a project as if it had always been there; returns its absolute path. */
export function putMemo({ root, write }: TestProject, folder: string, memo: MemoWords): string {
  const path = join(folder, `${memo.id}.md`);
  const keys = [
    `id: ${memo.id}`,
    `from: ${memo.from ?? "developer@shop"}`,
    `to: ${memo.to ?? "sysadmin@infra"}`,
    ...(memo.date === undefined ? [] : [`date: ${memo.date}`]),
    ...(memo.priority === undefined ? [] : [`priority: ${memo.priority}`]),
    ...(memo.type === undefined ? [] : [`type: ${memo.type}`]),
    `subject: ${memo.subject ?? "Look"}`,
  ];
  write(path, `---\n${keys.join("\n")}\n---\n\n${memo.body ?? "Words.\n"}`);
  return join(root, path);
}
