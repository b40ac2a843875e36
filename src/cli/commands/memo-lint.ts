import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { Exit, VibeopsError } from "../../errors.ts";
import { lintMemo } from "../../memo/lint.ts";
import { ARCHIVED, findAnywhere, INCOMING, readInbox, readMemoFile } from "../../memo/mailbox.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { type Finding, findingOf } from "../../text/finding.ts";
import type { Options } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { renderFindings } from "../render-findings.ts";

export async function runMemoLint(io: Io, args: readonly string[], _options: Options): Promise<Outcome> {
  const now = io.context.now();
  const findings = args.length > 0 ? args.flatMap((arg) => lintOne(io, arg, now)) : lintInbox(io, now);
  const failed = findings.some((finding) => finding.level === "error");
  return outcome({ findings }, renderFindings(findings, io), failed ? Exit.invalid : Exit.ok);
}

function lintInbox(io: Io, now: Date): Finding[] {
  const inbox = readInbox(findProjectRoot(io.cwd), now);
  return [
    ...inbox.refused.map(({ path, error }) => findingOf(error, path)),
    ...inbox.memos.flatMap(({ memo, path }) => lintMemo(memo, path, true)),
  ];
}

/** Elsewhere lie drafts and what this project sent. */
function isReceived(path: string): boolean {
  return [INCOMING, ARCHIVED].some((folder) => path.includes(`/${folder}/`));
}

function lintOne(io: Io, arg: string, now: Date): Finding[] {
  const path = resolve(io.cwd, arg);
  try {
    const stored = existsSync(path)
      ? readMemoFile(path, basename(path), now)
      : findAnywhere(findProjectRoot(io.cwd), arg, now);
    return lintMemo(stored.memo, stored.path, isReceived(stored.path));
  } catch (error) {
    if (error instanceof VibeopsError && error.exit === Exit.invalid) return [findingOf(error, path)];
    throw error;
  }
}
