import * as z from "zod/mini";
import type { GuardFacts } from "../../guard/facts.ts";
import { type Candidate, commandName, plainTask, usualTask } from "./candidate.ts";
import { judgeTasks, type Task } from "./provable-tasks.ts";

const packageSchema = z.object({ scripts: z._default(z.record(z.string(), z.string()), {}) });

/** What runs the scripts, by its lock file. */
export type PackageManager = "npm" | "pnpm" | "yarn" | "bun";

/** What `npm init` writes where there are no tests. */
const noTests = /no test specified/;

/** The usual scripts of a package.json, with those that npm runs before and after each; nothing where it cannot be read. */
export function packageCandidates(
  text: string,
  manager: PackageManager,
  hosts: GuardFacts["hosts"],
): Candidate[] {
  const scripts = readScripts(text);
  const tasks = new Map(Object.entries(scripts).map(([name, own]) => [name, taskOf(name, own, scripts)]));
  const judged = judgeTasks(tasks, hosts);
  return Object.entries(scripts)
    .filter(([name, own]) => usualTask.test(name) && !noTests.test(own))
    .map(([name]) => ({
      name: commandName(name),
      command: name === "test" && manager !== "bun" ? `${manager} test` : `${manager} run ${name}`,
      why: judged.get(name) ?? null,
    }));
}

function readScripts(text: string): Record<string, string> {
  try {
    return packageSchema.parse(JSON.parse(text)).scripts;
  } catch {
    return {};
  }
}

function taskOf(name: string, own: string, scripts: Readonly<Record<string, string>>): Task {
  const around = [`pre${name}`, `post${name}`].flatMap((other) =>
    Object.hasOwn(scripts, other) ? [scripts[other] ?? ""] : [],
  );
  if (!plainTask.test(name)) return { texts: [own, ...around], calls: [] };
  const calls = ["npm run", "npm run-script", "pnpm run", "yarn run", "bun run"];
  // A manager's own commands come first: `yarn install` is none of the project's scripts.
  if (usualTask.test(name)) calls.push("pnpm", "yarn");
  const short = name === "test" ? ["npm test", "npm t"] : [];
  return { texts: [own, ...around], calls: [...calls.map((call) => `${call} ${name}`), ...short] };
}
