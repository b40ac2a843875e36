import { nearest } from "../../text/similar.ts";
import { quoteUntrusted } from "../../text/visible.ts";
import type { Problem, RuleInfo } from "./rule.ts";
import type { Source } from "./source.ts";

/** A comment that says why one finding, or all of one rule in a file, is right as it is. */
export interface Suppression {
  readonly rule: string;
  readonly reason: string;
  /** The line that it is about; undefined for the whole file. */
  readonly line: number | undefined;
  /** Where it stands. */
  readonly offset: number;
}

export const suppressionReason: RuleInfo = {
  id: "lint.suppression-reason",
  level: "error",
  summary: "a suppression says why",
  why: "Whoever reviews the file, or reads it in a year, has to know that somebody thought about it.",
};

export const suppressionForm: RuleInfo = {
  id: "lint.suppression-form",
  level: "error",
  summary: "a suppression names a rule that there is",
  why: "One with a slip of the pen suppresses nothing, and nobody notices.",
};

export const unusedSuppression: RuleInfo = {
  id: "lint.unused-suppression",
  level: "warning",
  summary: "a suppression suppresses something",
  why: "What is left over hides the next finding of its rule.",
};

const FORM = "# vibeops-lint-disable-next-line RULE: reason, or # vibeops-lint-disable-file RULE: reason";
const COMMENT = /^[ \t]*#[ \t]*vibeops-lint-/;

export interface ReadSuppressions {
  readonly suppressions: readonly Suppression[];
  readonly problems: readonly (Problem & { readonly rule: string })[];
}

/** Reads the comments of a file that suppress findings. Only comments on a line of their own count. */
export function readSuppressions(source: Source, known: readonly string[]): ReadSuppressions {
  const suppressions: Suppression[] = [];
  const problems: (Problem & { rule: string })[] = [];
  if (!source.text.includes("vibeops-lint-")) return { suppressions, problems };
  const lines = source.text.split("\n");
  let offset = 0;
  for (const [index, line] of lines.entries()) {
    const start = offset + line.search(/#/);
    offset += line.length + 1;
    if (!COMMENT.test(line)) continue;
    const read = readComment(line.replace(COMMENT, "").trim(), known);
    if ("problem" in read) problems.push({ spot: { source, offset: start }, ...read.problem });
    else {
      const about = read.isFile ? undefined : lineBelow(lines, index);
      for (const rule of read.rules)
        suppressions.push({ rule, reason: read.reason, line: about, offset: start });
    }
  }
  return { suppressions, problems };
}

type ReadComment =
  | { readonly isFile: boolean; readonly rules: readonly string[]; readonly reason: string }
  | { readonly problem: { rule: string; message: string; fix: string } };

function readComment(text: string, known: readonly string[]): ReadComment {
  const [, form, list = "", reason = ""] =
    /^(disable-next-line|disable-file)\s+([^:]*)(?::\s*(.*))?$/.exec(text) ?? [];
  const form_ = suppressionForm.id;
  if (form === undefined)
    return { problem: { rule: form_, message: "this suppresses nothing", fix: `write ${FORM}` } };
  const rules = list.split(",").map((name) => name.trim());
  const unknown = rules.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const near = nearest(unknown, known);
    const message = `there is no rule ${quoteUntrusted(unknown)}`;
    return {
      problem: {
        rule: form_,
        message,
        fix: near === undefined ? "see: vibeops lint --rules" : `did you mean ${near}?`,
      },
    };
  }
  if (/[A-Za-z]{2}/.test(reason)) return { isFile: form === "disable-file", rules, reason };
  const message = `nothing says why ${rules.join(", ")} does not hold here, so it does`;
  return {
    problem: { rule: suppressionReason.id, message, fix: "write the reason behind a colon: RULE: why" },
  };
}

/** The number of the next line that is neither empty nor a comment. */
function lineBelow(lines: readonly string[], index: number): number {
  const below = lines.findIndex((line, at) => at > index && !/^\s*(?:#|$)/.test(line));
  return below < 0 ? index + 1 : below + 1;
}
