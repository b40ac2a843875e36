import { VibeopsError } from "../errors.ts";
import { type Fence, scanBlocks } from "../text/blocks.ts";
import type { Finding } from "../text/finding.ts";
import { type FlagKind, findFlags } from "../text/flags.ts";
import { findSecrets } from "../text/secrets.ts";
import { scanChecklist } from "./checklist.ts";
import { readDeployment, readReceivedDeployment } from "./deployment.ts";
import type { Memo } from "./memo.ts";

/**
 * What is wrong with a memo that could be read, in the order of its lines: secrets and a deployment block that cannot
 * be used are errors; what hides or misleads, and boxes that no checklist counts, are warnings.
 *
 * @param file as the person would type it
 * @param isReceived whoever reads the findings got this memo, and cannot mend what its sender wrote
 */
export function lintMemo(memo: Memo, file?: string, isReceived = false): Finding[] {
  const findings = [
    ...lintSecrets(memo),
    ...lintFlags(memo),
    ...lintCommands(memo),
    ...lintBoxes(memo),
    ...lintDeployment(memo, file, isReceived),
  ];
  return findings
    .toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0))
    .map((finding) => (file === undefined ? finding : { file, ...finding }));
}

function lintSecrets(memo: Memo): Finding[] {
  return findSecrets(memo.text).map(({ kind, line, excerpt }) => ({
    rule: "memo.secret",
    level: "error",
    message: `this looks like a secret (${kind}): ${excerpt}`,
    line,
    fix: "take it out, replace it where it is used, and name where it is kept",
  }));
}

const flagFixes: Readonly<Record<FlagKind, string>> = {
  control: "delete the character",
  bidi: "delete the character",
  invisible: "delete the character",
  confusable: "type the character anew",
  padding: "delete the white space",
  "hidden-html": "write it as visible text, or delete it",
  "link-mismatch": "show the address that the link leads to",
};

function lintFlags(memo: Memo): Finding[] {
  return findFlags(memo.text, "markdown").map(({ kind, line, what }) => ({
    rule: `memo.${kind}`,
    level: "warning",
    message: what,
    line,
    fix: flagFixes[kind],
  }));
}

/** Shell fences get copied into terminals, so look-alikes count in them. */
function lintCommands(memo: Memo): Finding[] {
  const isShell = (fence: Fence) => /^(?:sh|bash|zsh|shell|console|shell-session)(?:\s|$)/i.test(fence.info);
  return scanBlocks(memo.text)
    .fences.filter(isShell)
    .flatMap((fence) =>
      findFlags(fence.content, "command")
        .filter((flag) => flag.kind === "confusable")
        .map(({ line, what }) => ({
          rule: "memo.confusable",
          level: "warning" as const,
          message: what,
          line: fence.line + line,
          fix: flagFixes.confusable,
        })),
    );
}

function lintBoxes(memo: Memo): Finding[] {
  const counted = new Set(scanChecklist(memo.text).map((item) => item.boxOffset));
  return scanBlocks(memo.text)
    .tasks.filter((task) => !task.checked && !counted.has(task.boxOffset))
    .map(({ line }) => ({
      rule: "memo.stray-box",
      level: "warning",
      message: "this open box is not under Action items, so nothing counts it",
      line,
      fix: "move it under ## Action items",
    }));
}

function lintDeployment(memo: Memo, file: string | undefined, isReceived: boolean): Finding[] {
  if (memo.type !== "deployment") return [];
  try {
    (isReceived ? readReceivedDeployment : readDeployment)(memo, file);
    return [];
  } catch (error) {
    if (!(error instanceof VibeopsError)) throw error;
    return findingsOf(error);
  }
}

/** One finding for each wrong place in the block. */
function findingsOf(error: VibeopsError): Finding[] {
  const issues = (error.facts?.issues ?? []) as { message: string; line: number; fix: string }[];
  if (issues.length > 0) {
    return issues.map(({ message, line, fix }) => ({ rule: error.code, level: "error", message, line, fix }));
  }
  const finding: Finding = { rule: error.code, level: "error", message: error.message };
  if (error.line !== undefined) finding.line = error.line;
  if (error.fix !== undefined) finding.fix = error.fix;
  return [finding];
}
