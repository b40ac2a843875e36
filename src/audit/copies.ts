import { basename } from "node:path";
import { VibeopsError } from "../errors.ts";
import { ARCHIVED, listByMonth, SENT } from "../memo/mailbox.ts";
import { isSameMemo } from "../memo/same-memo.ts";
import { readRegularFile } from "../platform/files.ts";
import type { Project } from "../project/project.ts";
import type { Finding } from "../text/finding.ts";
import { auditError } from "./findings.ts";

/** Our archived memos held against the copies of those senders whose projects can be read here. */
export function auditSenders(project: Project, peers: readonly { name: string; root: string }[]): Finding[] {
  if (peers.length === 0) return [];
  const archived = new Map(listByMonth(project.root, ARCHIVED).map((file) => [basename(file), file]));
  return peers.flatMap(({ name, root }) =>
    listByMonth(root, SENT).flatMap((copy) => {
      const ours = archived.get(basename(copy));
      return ours === undefined ? [] : compareCopies(name, ours, copy);
    }),
  );
}

function compareCopies(name: string, ours: string, copy: string): Finding[] {
  try {
    const [one, other] = [readRegularFile(ours), readRegularFile(copy)];
    if (isSameMemo(one, other)) return [];
  } catch (failure) {
    if (failure instanceof VibeopsError) return [];
    throw failure;
  }
  return [
    auditError(
      "memo-copy",
      ours,
      `the copy that ${name} keeps of this memo says something else`,
      `diff ${ours} ${copy}`,
    ),
  ];
}
