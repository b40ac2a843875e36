import { type Finding, findingOf } from "../text/finding.ts";

/** One finding of the audit; its rule is `audit.<rule>`. */
export function auditError(rule: string, file: string, message: string, fix: string, line?: number): Finding {
  return {
    rule: `audit.${rule}`,
    level: "error",
    message,
    file,
    fix,
    ...(line === undefined ? {} : { line }),
  };
}

/** What is in a folder; where it cannot be listed, nothing, and why, so that the rest is looked at all the same. */
export function readOrTell<T>(
  read: () => readonly T[],
  path: string,
): { readonly read: readonly T[]; readonly unread: Finding[] } {
  try {
    return { read: read(), unread: [] };
  } catch (error) {
    return { read: [], unread: [findingOf(error, path)] };
  }
}
