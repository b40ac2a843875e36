import { resolve } from "node:path";
import { type ImportPlan, planImport } from "../../deploy/capacity/import/plan-import.ts";
import { recognise } from "../../deploy/capacity/import/recognise.ts";
import { readRegularFile } from "../../platform/files.ts";
import { replaceFile } from "../../platform/replace.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { loadInventory } from "../../project/inventory.ts";
import { loadProject } from "../../project/project.ts";
import { decodeText } from "../../text/decode.ts";
import { makeVisible } from "../../text/visible.ts";
import { flagOption, type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { askConsent, readAll } from "../prompt.ts";
import { talkIo } from "../talk.ts";

const MAX_BYTES = 32 * 1024 * 1024;

export async function runInventoryImport(
  io: Io,
  args: readonly string[],
  options: Options,
): Promise<Outcome> {
  const project = loadProject(findProjectRoot(io.cwd));
  const loaded = loadInventory(project);
  const [name = "-"] = args;
  const found = recognise(await readInput(io, name), name === "-" ? "standard input" : name);
  const plan = planImport(loaded, found, textOption(options, "host"));
  const { form, added, left, diff } = plan;
  const data = { form, added, left, diff };
  if (diff === "") return outcome({ ...data, changed: false }, renderNothing(plan));
  if (flagOption(options, "dryRun")) return outcome({ ...data, changed: false }, renderPlan(plan));
  const yes = flagOption(options, "yes");
  if (!yes) io.stderr.write(`${renderPlan(plan)}\n`);
  // Standard input holds what is imported: nobody can answer there.
  const talk = talkIo(name === "-" ? { ...io, isInteractive: false } : io, options);
  const look = "look at it with --dry-run, then run it with --yes";
  const fix = name === "-" ? `${look}, or give it a file` : look;
  if (!(await askConsent(talk, "Write this into inventory.yaml?", yes, fix)))
    return outcome({ ...data, changed: false }, "Nothing was written.");
  await replaceFile(loaded.file, loaded.bytes, Buffer.from(plan.after));
  return outcome({ ...data, changed: true }, renderDone(plan));
}

async function readInput(io: Io, name: string): Promise<string> {
  if (name === "-") return await readAll(io);
  const path = resolve(io.cwd, name);
  return decodeText(readRegularFile(path, { maxBytes: MAX_BYTES, severalNames: true }), path);
}

function renderPlan(plan: ImportPlan): string {
  return [`From ${plan.form}:`, makeVisible(plan.diff.trimEnd()), ...renderLeft(plan)].join("\n");
}

function renderNothing(plan: ImportPlan): string {
  return [`From ${plan.form}: nothing that the inventory does not have.`, ...renderLeft(plan)].join("\n");
}

function renderDone(plan: ImportPlan): string {
  const lines = [`Added to inventory.yaml: ${plan.added.join(", ")}`, ...renderLeft(plan)];
  return [...lines, "Not committed: look at it with git diff inventory.yaml."].join("\n");
}

function renderLeft({ left }: ImportPlan): string[] {
  return left.map((line) => `  left out ${makeVisible(line, { newlines: false })}`);
}
