import type { Finding } from "../text/finding.ts";

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
