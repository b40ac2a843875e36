import { isAbsolute, relative, sep } from "node:path";
import { pathToFileURL } from "node:url";
import type { Finding } from "../../text/finding.ts";
import type { LintReport } from "./lint.ts";
import { allRules } from "./lint.ts";

/**
 * A report as SARIF 2.1.0 (OASIS), for code review. Files below `root` are named relative to it.
 *
 * @param version of vibeops
 */
export function formatSarif(report: LintReport, root: string, version: string) {
  const rules = describeRules(report.findings);
  const results = report.findings.map((finding) => ({
    ruleId: finding.rule,
    ruleIndex: rules.findIndex(({ id }) => id === finding.rule),
    level: finding.level,
    message: {
      text: finding.fix === undefined ? finding.message : `${finding.message}\nFix: ${finding.fix}`,
    },
    locations: [locate(finding, root)],
  }));
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "vibeops", version, rules } },
        columnKind: "utf16CodeUnits",
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: report.notes.map((text) => ({ level: "note", message: { text } })),
          },
        ],
        artifacts: report.files.map(({ file }) => ({ location: { uri: uriOf(file, root) } })),
        results,
      },
    ],
  };
}

/** Ours, and those of our own documents that found something: they are known by name only. */
function describeRules(findings: readonly Finding[]) {
  const known = allRules.map(({ id, level, summary, why }) => ({
    id,
    shortDescription: { text: summary },
    fullDescription: { text: why },
    defaultConfiguration: { level },
  }));
  const others = new Map(findings.map(({ rule, level }) => [rule, level]));
  for (const { id } of known) others.delete(id);
  return [
    ...known,
    ...[...others].map(([id, level]) => ({
      id,
      shortDescription: { text: id },
      fullDescription: { text: id },
      defaultConfiguration: { level },
    })),
  ];
}

function locate({ file = "", line = 1, column }: Finding, root: string) {
  const region = { startLine: line, ...(column === undefined ? {} : { startColumn: column }) };
  return { physicalLocation: { artifactLocation: { uri: uriOf(file, root) }, region } };
}

function uriOf(file: string, root: string): string {
  const path = relative(root, file);
  if (path === "" || path.startsWith("..") || isAbsolute(path)) return pathToFileURL(file).href;
  return path.split(sep).map(encodeURIComponent).join("/");
}
