import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readStack } from "../../src/deploy/dockerfile/read-stack.ts";
import { choosePlace } from "../../src/deploy/place.ts";
import type { PreparationInput } from "../../src/deploy/prepare.ts";
import { readDeployment } from "../../src/memo/deployment.ts";
import { type Memo, parseMemo } from "../../src/memo/memo.ts";
import { inventorySchema } from "../../src/project/inventory.ts";
import { packagedTemplates } from "../../src/project/templates.ts";
import { readYaml } from "../../src/text/yaml-own.ts";

export const FIXTURES = join(import.meta.dirname, "../fixtures/deploy");

export function fixtureNames(): string[] {
  return readdirSync(FIXTURES).sort();
}

/** Those that are run with Compose. */
export function composeFixtureNames(): string[] {
  return fixtureNames().filter((name) => !name.startsWith("static-"));
}

export function findTemplate(name: string) {
  const file = join(packagedTemplates(), name);
  return { text: readFileSync(file, "utf8"), file };
}

/** A memo of a developer with this deployment block and these open boxes. */
function memoWith(
  block: string,
  items: readonly string[] = ["Prepare the Compose configuration", "Write the runbook"],
): Memo {
  return parseMemo(Buffer.from(memoText(block, items)), { now: new Date("2026-11-20T15:00:00Z") });
}

export function memoText(block: string, items: readonly string[]): string {
  const boxes = items.map((item) => `- [ ] ${item}`).join("\n");
  return `---
id: 20261120T143211Z-7k3qfp2m
from: developer@shop
to: sysadmin@infra
type: deployment
subject: Deploy shop
---

## Context

## Deployment

\`\`\`yaml
${block.trimEnd()}
\`\`\`

## Action items

${boxes}

## Completion
`;
}

/** What a first preparation of this block is made from. */
export function inputFor(blockText: string, inventoryText: string): PreparationInput {
  const memo = memoWith(blockText);
  const { block } = readDeployment(memo);
  const inventory = readYaml(inventoryText, inventorySchema, "inventory.yaml").value;
  return {
    memo,
    block,
    place: choosePlace(inventory, "inventory.yaml", block.service, undefined),
    author: "sysadmin@infra",
    repository: "../shop",
    commit: block.source?.commit ?? null,
    earlier: null,
    earlierIsDecided: false,
    earlierIsClosed: false,
    newRunbook: "20261120T150000Z-m2x9vaq4",
    staticFiles: null,
    stack: null,
    taken: [],
    files: new Map(),
    find: findTemplate,
  };
}

export function fixtureInput(name: string): PreparationInput {
  const read = (file: string) => readFileSync(join(FIXTURES, name, file), "utf8");
  const input = inputFor(read("block.yaml"), read("inventory.yaml"));
  const hasFiles = existsSync(join(FIXTURES, name, "static-files.json"));
  if (hasFiles) return { ...input, staticFiles: JSON.parse(read("static-files.json")) };
  const repository = join(FIXTURES, name, "repository");
  return existsSync(repository) ? { ...input, stack: readStack(repository) } : input;
}
