import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { formatSeal } from "../../src/runbook/seal.ts";
import { RECORD_NAMESPACE, trustPaths } from "../../src/runbook/trust.ts";
import { ADA, type GateWorkspace, gateWorkspace, ID, letterStep, runbookText } from "./gate-workspace.ts";

let space: GateWorkspace;
const sealFile = () => join(space.project.root, `runbooks/${ID}/seal.yaml`);
const notes = () => join(trustPaths(space.context.env).state, "seals");

/** A runbook with a seal; who signs it is for the test. */
async function seal(closer: string, signed?: string): Promise<void> {
  const text = formatSeal({
    ...{ runbook: { id: ID, sha256: "0".repeat(64) }, outcome: "completed", records: [] },
    ...{ closer, created: space.context.now().toISOString() },
  });
  writeFileSync(sealFile(), text);
  writeFileSync(`${sealFile()}.sig`, await space.sign(Buffer.from(signed ?? text), RECORD_NAMESPACE));
}

async function list(): Promise<{ state: string; note?: string; text: string }> {
  const { stdout } = await space.project.vibeops("runbook", "list", "--json");
  const { stdout: text } = await space.project.vibeops("runbook", "list");
  return { ...JSON.parse(stdout).result.runbooks[0], text };
}

beforeEach(() => {
  space = gateWorkspace();
  space.writeRunbook(runbookText({ steps: letterStep(1, space.host, "A") }));
});

test("a runbook is shown as closed where a listed person signed its seal, and that is asked once", async () => {
  await seal(ADA);
  expect((await list()).text).toContain("closed");
  expect(readdirSync(notes())).toHaveLength(1);
  // Asked again, this list of keys would say no.
  const signers = trustPaths(space.context.env).allowedSigners;
  const before = readFileSync(signers, "utf8");
  expect((await list()).state).toBe("closed");
  writeFileSync(signers, before.replace(ADA, "grace@example.com"));
  expect((await list()).state).toBe("unverified");
});

test.each<[string, () => Promise<void>]>([
  ["over other words", () => seal(ADA, "other words")],
  ["by somebody who is not listed", () => seal("eve@example.com")],
])("a seal that was signed %s is shown as not verified", async (_, forge) => {
  await forge();
  const { state, note, text } = await list();
  expect(state).toBe("unverified");
  expect(note).toMatch(/this seal is not what ada|eve@example.com, is not in/);
  expect(text).toContain("seal not verified");
  expect(text).not.toContain("closed");
});

test("a seal that was good is asked about again once anything of it changed", async () => {
  await seal(ADA);
  expect((await list()).state).toBe("closed");
  writeFileSync(sealFile(), readFileSync(sealFile(), "utf8").replace("completed", "rolled-back"));
  expect((await list()).state).toBe("unverified");
  rmSync(notes(), { recursive: true });
  expect((await list()).state).toBe("unverified");
});
