import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { lstatOrNull } from "../platform/files.ts";
import type { LoadedRunbook } from "../runbook/runbook-folder.ts";
import type { Finding } from "../text/finding.ts";
import type { Decision } from "./decisions.ts";
import { auditError } from "./findings.ts";
import type { AuditSource } from "./source.ts";

/** What lies among the decisions of a runbook and is none of them: about another runbook, a copy, or anything else. */
export function auditForeignApprovals(
  { gate }: AuditSource,
  { folder, runbook }: LoadedRunbook,
  decisions: readonly Decision[],
): Finding[] {
  const see = (file: string) => `nothing runs on it; see: git log -- ${relative(gate.project.root, file)}`;
  const foreign = decisions.flatMap(({ file, statement }) => {
    const { nonce } = statement;
    const why =
      statement.runbook.id !== runbook.id
        ? `this decision is about another runbook, ${statement.runbook.id}`
        : file === join(folder.approvals, `${nonce}.yaml`)
          ? null
          : `this decision lies under another name than its own, ${nonce}.yaml`;
    return why === null ? [] : [auditError("foreign-approval", file, why, see(file))];
  });
  if (lstatOrNull(folder.approvals)?.isDirectory() !== true) return foreign;
  const names = readdirSync(folder.approvals);
  const isStray = (name: string) => !/\.yaml(?:\.sig)?$/.test(name) || isLoneSignature(name, names);
  const strays = names.filter(isStray).map((name) => {
    const file = join(folder.approvals, name);
    const message = "this lies among the decisions, and is none";
    return { ...auditError("foreign-approval", file, message, see(file)), level: "warning" } as const;
  });
  return [...foreign, ...strays];
}

function isLoneSignature(name: string, names: readonly string[]): boolean {
  return name.endsWith(".sig") && !names.includes(name.slice(0, -".sig".length));
}
