import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Context } from "../../../src/platform/context.ts";
import { runIn } from "../../helpers/cli.ts";
import { workspace } from "../../helpers/workspace.ts";

export const config = "project: infra\nagents: { sysadmin: { provider: claude } }\n";

/** A project whose person has vibeops on the PATH, or has not. */
export function make(isOnPath = true) {
  const space = workspace();
  const project = space.project("infra", config);
  const bin = join(space.directory, "bin");
  mkdirSync(bin);
  if (isOnPath) symlinkSync(resolve("bin/vibeops.js"), join(bin, "vibeops"));
  const env: Context["env"] = { ...space.context.env, PATH: `${bin}:${space.context.env.PATH}` };
  const context = { ...space.context, env };
  return { ...project, context, vibeops: (...argv: string[]) => runIn(project.root, context, argv) };
}

/** Every file but git's and our local ones, with its text. */
export function snapshot(root: string): Record<string, string> {
  const names = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter((name) => !name.startsWith(".git/") && !name.startsWith(".vibeops/"));
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(join(root, name), "utf8")]));
}
