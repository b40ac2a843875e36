import { VibeopsError } from "../errors.ts";
import { readDeployment } from "./deployment.ts";
import type { PlannedMemo } from "./send.ts";

/**
 * Refuses to send a deployment memo without a block, or with one that its receiver could not read: here it can be
 * mended, and there only by another memo.
 *
 * @throws VibeopsError `deployment.…`
 */
export function requireSendableBlocks(planned: readonly PlannedMemo[]): void {
  for (const memo of planned) {
    try {
      readDeployment({ text: memo.bytes.toString("utf8") }, memo.name);
    } catch (error) {
      if (!(error instanceof VibeopsError)) throw error;
      if (error.code !== "deployment.missing") throw inText(error, memo);
      throw new VibeopsError({
        code: error.code,
        exit: error.exit,
        message:
          "a deployment memo says what is deployed in a block, and this one has none; nothing was sent",
        fix: `${error.fix}; what is to be talked over first goes as type request`,
      });
    }
  }
}

/** By the line of the text that was given: the memo has a header above it, and is no file yet. */
function inText(
  { code, exit, message, line, fix, facts }: VibeopsError,
  { bytes }: PlannedMemo,
): VibeopsError {
  const issues = facts?.issues as { fix?: string }[] | undefined;
  const fixes = issues === undefined ? [fix] : issues.map((issue) => issue.fix);
  const header = bodyStart(bytes.toString("utf8"));
  const where = line === undefined ? "" : `line ${line - header} of the text: `;
  return new VibeopsError({
    code,
    exit,
    message: `${where}${message}; nothing was sent`,
    fix: [...new Set(fixes.filter((one) => one !== undefined))].join(", ") || undefined,
    facts,
  });
}

/** How many lines stand above the text: the front matter, and the empty one behind it. */
function bodyStart(text: string): number {
  const lines = text.split("\n");
  const end = lines.indexOf("---", 1);
  return lines.findIndex((line, i) => i > end && line.trim() !== "");
}
