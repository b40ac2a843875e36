import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { interpolate } from "../../../src/deploy/interpolate.ts";
import { formatScannedBlock } from "../../../src/deploy/scan/format-block.ts";
import { scanRepository } from "../../../src/deploy/scan/scan-repository.ts";
import { readDeployment } from "../../../src/memo/deployment.ts";
import { testContext } from "../../helpers/context.ts";
import { temporaryDirectory } from "../../helpers/directory.ts";
import fc from "../../helpers/property.ts";

const FILES = [
  "compose.yaml",
  "compose.override.yaml",
  "Dockerfile",
  "package.json",
  "pyproject.toml",
  "Pipfile",
  "requirements.txt",
  "go.mod",
  "Cargo.toml",
  "Gemfile",
  "composer.json",
  "pom.xml",
  "build.gradle",
  "Procfile",
  ".env.example",
  "k8s/app.yaml",
  "chart/Chart.yaml",
  "chart/values.yaml",
  "main.tf",
  "a.ts",
  "_config.yml",
];

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: Compose's own variables, and no template of ours.
/** Pieces of which such files are made, so that chance gets deep into them. */
const piece = fc.constantFrom(
  ..."services: web: image: ports: - [ ] { } &a *a << : | > \n \n   \n     \t ' \" $ ${A ${A:-b} :- } # , FROM EXPOSE HEALTHCHECK CMD ARG ENV AS \\\n <<EOF".split(
    " ",
  ),
  ...[
    "extends: web",
    "include: compose.yaml",
    "depends_on: [web]",
    "build: .",
    "volumes:",
    "a:/b",
    "80:80",
    "apiVersion: v1",
    "kind: Pod",
  ],
  ...[
    "<project>",
    "</a>",
    "<a",
    "[project]",
    "name = ",
    "gem 'pg'",
    "process.env.A",
    "require (",
    'resource "a" "b" {',
    "\u0000",
    "\ufeff",
    "\u202e",
  ],
);
const content = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.string({ unit: "binary", maxLength: 200 }).map((text) => Buffer.from(text)),
  fc.array(piece, { maxLength: 60 }).map((pieces) => Buffer.from(pieces.join(" "))),
);

test("any bytes in any file give a scan whose every fact and finding has a line, and a block that can be read", async () => {
  const directory = join(temporaryDirectory(), "repo");
  const context = testContext(directory);
  for (const file of FILES) mkdirSync(dirname(join(directory, file)), { recursive: true });
  await fc.assert(
    fc.asyncProperty(fc.tuple(...FILES.map(() => content)), async (contents) => {
      for (const [i, file] of FILES.entries()) writeFileSync(join(directory, file), contents[i] ?? "");
      const scan = await scanRepository(directory, {}, context);
      for (const { file, line } of [...scan.evidence, ...scan.remarks]) {
        const index = FILES.indexOf(file);
        expect(index).toBeGreaterThanOrEqual(0);
        const text = (contents[index] ?? Buffer.alloc(0)).toString("latin1");
        const lines = text.split(text.includes("\n") ? "\n" : "\r").length;
        expect(line).toBeGreaterThanOrEqual(1);
        expect(line).toBeLessThanOrEqual(lines);
      }
      const block = formatScannedBlock({ service: "any", version: "1", ...scan.block });
      expect(() => readDeployment({ text: `## Deployment\n\n\`\`\`yaml\n${block}\`\`\`\n` })).not.toThrow();
    }),
    { numRuns: 150 },
  );
});

test("interpolation of any text ends, and a text without a dollar stays as it is", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("$", "{", "}", ":-", "A", "b", "$$", "?", "${A:-"), { maxLength: 80 }),
      (parts) => {
        const text = parts.join("");
        const { text: result } = interpolate(text, new Map([["A", "1"]]));
        if (!text.includes("$")) expect(result).toBe(text);
      },
    ),
  );
});

// biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above
