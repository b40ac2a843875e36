import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { formatScannedBlock } from "../../../src/deploy/scan/format-block.ts";
import type { Evidence, Scan } from "../../../src/deploy/scan/scan.ts";
import { scanRepository } from "../../../src/deploy/scan/scan-repository.ts";
import { readDeployment } from "../../../src/memo/deployment.ts";
import { testContext } from "../../helpers/context.ts";
import { temporaryDirectory } from "../../helpers/directory.ts";

// Each folder under test/fixtures/scan has a repository as somebody writes it, and beside it what the scan makes of it.
// UPDATE_GOLDEN=1 rewrites expected.yaml; read the diff.

const fixtures = fileURLToPath(new URL("../../fixtures/scan", import.meta.url));
const names = readdirSync(fixtures).sort();

async function scanFixture(name: string): Promise<{ scan: Scan; directory: string }> {
  const directory = join(temporaryDirectory(), "repo");
  cpSync(join(fixtures, name, "repo"), directory, { recursive: true });
  return { scan: await scanRepository(directory, {}, testContext(directory)), directory };
}

function drawScan(scan: Scan) {
  const draw = ({ field, value, source }: Evidence) => `${field} ${value}: ${source}`;
  return {
    block: parse(formatScannedBlock(scan.block) || "{}") as unknown,
    evidence: scan.evidence.map(draw),
    remarks: scan.remarks.map(draw),
    conflicts: scan.conflicts.map(({ field, said }) => ({ [field]: said.map(draw) })),
    unknown: scan.unknown.map(({ field }) => field),
    findings: scan.findings.map(
      ({ file, line, level, rule, message }) => `${file}:${line} ${level} ${rule}: ${message}`,
    ),
  };
}

test("there are enough manners of writing", () => {
  expect(names.length).toBeGreaterThanOrEqual(60);
});

test.each(names)("%s: the block and its evidence are as expected", async (name) => {
  const { scan } = await scanFixture(name);
  const drawn = stringify(drawScan(scan), { lineWidth: 0 });
  const golden = join(fixtures, name, "expected.yaml");
  if (process.env.UPDATE_GOLDEN !== undefined) writeFileSync(golden, drawn);
  expect(drawn).toBe(readFileSync(golden, "utf8"));
});

/** Words by which a line can show a value: its own letters and digits, or the word that the source names. */
function isShownOn(line: string, { value, source }: Evidence): boolean {
  const word = source.split(" ").slice(1).join(" ");
  const ours = /default|the name is ours/.test(word);
  const lower = line.toLowerCase();
  const tokens = value
    .toLowerCase()
    .split(/[^\p{L}\p{N}_]+/u)
    .filter((token) => token !== "");
  const shown = tokens.some((token) => lower.includes(token));
  const words = word
    .toLowerCase()
    .split(/[^\p{L}\p{N}_]+/u)
    .filter((token) => token.length > 1);
  return shown || words.some((token) => lower.includes(token)) || ours;
}

/** Where no line ends otherwise, a carriage return alone ends it. */
const linesOf = (text: string) => text.split(text.includes("\n") ? "\n" : "\r");

test.each(names)("%s: every fact stands on the line that it names", async (name) => {
  const { scan, directory } = await scanFixture(name);
  const facts = [...scan.evidence, ...scan.remarks, ...scan.conflicts.flatMap(({ said }) => said)];
  for (const evidence of facts) {
    const bytes = readFileSync(join(directory, evidence.file));
    const wide = bytes[0] === 0xff ? "utf-16le" : bytes[0] === 0xfe ? "utf-16be" : "utf-8";
    const text = new TextDecoder(wide).decode(bytes);
    const line = linesOf(text)[evidence.line - 1];
    // That a file is there at all is a fact of its first line, whatever that holds.
    const isAboutFile = ["migrations", "compose", "Dockerfile", "page"].some((word) =>
      evidence.source.endsWith(` ${word}`),
    );
    expect(line, `${evidence.source}: ${evidence.value}`).toBeDefined();
    if (!isAboutFile)
      expect(isShownOn(line ?? "", evidence), `${evidence.source}: ${evidence.value}`).toBe(true);
  }
});

test.each(names)("%s: each finding names a line that is there", async (name) => {
  const { scan, directory } = await scanFixture(name);
  for (const { file = "", line = 0 } of scan.findings) {
    const lines = linesOf(readFileSync(join(directory, file), "latin1")).length;
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(lines);
  }
});

test.each(names)(
  "%s: prepare reads the block as it stands, once service and version are there",
  async (name) => {
    const { scan } = await scanFixture(name);
    const block = formatScannedBlock({ service: "any", version: "1", ...scan.block });
    const memo = { text: `## Deployment\n\n\`\`\`yaml\n${block}\`\`\`\n` };
    expect(() => readDeployment(memo)).not.toThrow();
  },
);

test("no secret of a fixture is told anywhere", async () => {
  const { scan } = await scanFixture("compose-plain-secrets");
  const told = JSON.stringify(scan) + formatScannedBlock(scan.block);
  for (const secret of ["hunter2-Winter2031", "s3cr3tPa55w0rd", "wJalrXUtnFEMI", "aB3dE5gH7jK9mN1pQ3"]) {
    expect(told).not.toContain(secret);
  }
  expect(scan.findings.filter(({ rule }) => rule === "scan.secret").map(({ line }) => line)).toEqual(
    expect.arrayContaining([4, 6, 7, 8, 12]),
  );
});
