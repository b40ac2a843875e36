import { basename, dirname, join } from "node:path";
import { VibeopsError } from "../../errors.ts";
import { lintMemo } from "../../memo/lint.ts";
import { readMemoFile } from "../../memo/mailbox.ts";
import { readRegularFile } from "../../platform/files.ts";
import { readPolicy } from "../../policy/policy.ts";
import { inventorySchema } from "../../project/inventory.ts";
import { loadProject, projectSchema } from "../../project/project.ts";
import { lintRunbook } from "../../runbook/lint-runbook.ts";
import { loadRunbook } from "../../runbook/runbook-folder.ts";
import { decodeText } from "../../text/decode.ts";
import { type Finding, findingOf } from "../../text/finding.ts";
import { readYaml } from "../../text/yaml-own.ts";
import type { FileKind } from "./file-kind.ts";

/** The lints that our own documents have anyway; null for what is none of them. */
export function lintOwnDocument(path: string, kind: FileKind, now: Date): Finding[] | null {
  const check = checks[kind];
  if (check === undefined) return null;
  try {
    // A runbook names its file as the project sees it.
    return check(path, now).map((finding) => ({ ...finding, file: path }));
  } catch (error) {
    if (!(error instanceof VibeopsError)) throw error;
    return [{ ...findingOf(error, path), file: path }];
  }
}

type Check = (path: string, now: Date) => Finding[];

const checks: Partial<Record<FileKind, Check>> = {
  project: (path) => nothingIn(readYaml(decodeText(readRegularFile(path), path), projectSchema, path)),
  inventory: (path) => nothingIn(readYaml(decodeText(readRegularFile(path), path), inventorySchema, path)),
  policy: (path) => nothingIn(readPolicy(readRegularFile(path), path)),
  memo: (path, now) => {
    const { memo } = readMemoFile(path, basename(path), now);
    return lintMemo(memo, path, /\/memos\/(?:incoming|archived)\//.test(path));
  },
  runbook: (path) => {
    const folder = dirname(path);
    const project = loadProject(join(folder, "../.."));
    return lintRunbook(project, loadRunbook(project, basename(folder)).runbook);
  },
};

/** Whatever could be read has passed: the reader throws for all else. */
function nothingIn(_value: unknown): Finding[] {
  return [];
}
