import { join } from "node:path";
import { expect, test } from "vitest";
import * as z from "zod";
import { lintPaths } from "../../../src/deploy/lint/lint.ts";
import { formatSarif } from "../../../src/deploy/lint/sarif.ts";
import { lintOptions } from "./options.ts";

const FIXTURES = join(import.meta.dirname, "../../fixtures/lint");

// What the schema of SARIF 2.1.0 (OASIS, sarif-schema-2.1.0.json) requires of the parts that we write.
const message = z.strictObject({ text: z.string().min(1) });
const level = z.enum(["none", "note", "warning", "error"]);
const uri = z.string().regex(/^(?:[A-Za-z0-9._~%/-]+|file:\/\/\/\S+)$/);
const sarifSchema = z.strictObject({
  $schema: z.url(),
  version: z.literal("2.1.0"),
  runs: z.tuple([
    z.strictObject({
      tool: z.strictObject({
        driver: z.strictObject({
          name: z.string().min(1),
          version: z.string(),
          rules: z.array(
            z.strictObject({
              id: z.string().min(1),
              shortDescription: message,
              fullDescription: message,
              defaultConfiguration: z.strictObject({ level }),
            }),
          ),
        }),
      }),
      columnKind: z.enum(["utf16CodeUnits", "unicodeCodePoints"]),
      invocations: z.array(
        z.strictObject({
          executionSuccessful: z.boolean(),
          toolExecutionNotifications: z.array(z.strictObject({ level, message })),
        }),
      ),
      artifacts: z.array(z.strictObject({ location: z.strictObject({ uri }) })),
      results: z.array(
        z.strictObject({
          ruleId: z.string().min(1),
          ruleIndex: z.int().min(0),
          level,
          message,
          locations: z.tuple([
            z.strictObject({
              physicalLocation: z.strictObject({
                artifactLocation: z.strictObject({ uri }),
                region: z.strictObject({ startLine: z.int().min(1), startColumn: z.int().min(1).optional() }),
              }),
            }),
          ]),
        }),
      ),
    }),
  ]),
});

test("SARIF has what its schema wants, each result points to its rule, and each file is named from the root", async () => {
  const report = await lintPaths([FIXTURES], lintOptions());
  const { runs } = sarifSchema.parse(JSON.parse(JSON.stringify(formatSarif(report, FIXTURES, "1.0.0"))));
  const [{ results, tool, artifacts }] = runs;
  expect(results).toHaveLength(report.findings.length);
  expect(artifacts).toHaveLength(report.files.length);
  for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
  expect(new Set(tool.driver.rules.map(({ id }) => id)).size).toBe(tool.driver.rules.length);
  const uris = results.map(({ locations }) => locations[0].physicalLocation.artifactLocation.uri);
  expect(uris).toContain("bare/docker-compose.yml");
});

test("a file outside of the root is named by a file address, with what a URI cannot hold escaped", async () => {
  const report = {
    files: [],
    notes: [],
    suppressed: 0,
    findings: [{ rule: "x.y", level: "error" as const, message: "m", file: "/a b/ü.yaml" }],
  };
  const [run] = sarifSchema.parse(JSON.parse(JSON.stringify(formatSarif(report, "/root", "1.0.0")))).runs;
  expect(run.results[0]?.locations[0].physicalLocation.artifactLocation.uri).toBe(
    "file:///a%20b/%C3%BC.yaml",
  );
});
