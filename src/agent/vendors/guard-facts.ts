import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readIfExists } from "../../platform/files.ts";
import { isWithin } from "../../platform/work-trees.ts";
import { PROJECT_FILE } from "../../project/discovery.ts";
import type { ProjectFacts } from "./project-facts.ts";

/** Anything else than this in a cache is of another version of ours. */
const FORM = 1;
const LONGEST_NAME = 200;

interface Cached {
  form: number;
  /** The whole text of each file: the facts count for these very words and no others. */
  config: string | null;
  inventory: string | null;
  facts: ProjectFacts;
}

/**
 * The facts of a project, from its vibeops.yaml and inventory.yaml. Parsing them takes longer than judging a command,
 * so what came out is kept with the words that it came from. It is kept in the person's state folder, not in the project:
 * there an agent could choose what its own guard believes.
 *
 * @param state the person's state folder; null where none is to be used
 * @throws VibeopsError what reading a broken project throws
 */
export async function readGuardFacts(root: string, state: string | null): Promise<ProjectFacts> {
  const config = textOf(join(root, PROJECT_FILE));
  const inventory = textOf(join(root, "inventory.yaml"));
  const file = state === null || isWithin(state, root) ? null : cacheFile(root, state);
  const cached = file === null ? null : readCache(file);
  if (cached !== null && cached.config === config && cached.inventory === inventory) return cached.facts;
  const { readProjectFacts } = await import("./project-facts.ts");
  const facts = readProjectFacts(root);
  if (file !== null) writeCache(file, { form: FORM, config, inventory, facts });
  return facts;
}

function textOf(path: string): string | null {
  return readIfExists(path)?.toString("utf8") ?? null;
}

function cacheFile(root: string, state: string): string | null {
  const name = encodeURIComponent(root);
  return name.length > LONGEST_NAME ? null : join(state, "guard", `${name}.json`);
}

function readCache(file: string): Cached | null {
  try {
    const cached: Cached = JSON.parse(readFileSync(file, "utf8"));
    return cached.form === FORM ? cached : null;
  } catch {
    return null;
  }
}

/** Where it cannot be written, as in a sandbox, the next call is slower and as right. */
function writeCache(file: string, cached: Cached): void {
  const temporary = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(temporary, JSON.stringify(cached), { flag: "wx", mode: 0o600 });
    renameSync(temporary, file);
  } catch {
    rmSync(temporary, { force: true });
  }
}
