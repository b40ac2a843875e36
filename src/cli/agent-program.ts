import { realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Program } from "../agent/vendors/settings.ts";
import type { Context } from "../platform/context.ts";
import { lstatOrNull } from "../platform/files.ts";
import { packagedTemplates } from "../project/templates.ts";

/** How an agent CLI that the person starts can call us: by name where their PATH has it, else by where we lie. */
export function agentProgram(env: Context["env"]): Program {
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder.startsWith("/"));
  const isOnPath = folders
    .filter((folder) => !/node_modules[/\\]\.bin[/\\]?$/.test(folder))
    .some((folder) => lstatOrNull(join(folder, "vibeops")) !== null);
  const path = realpathSync(join(packagedTemplates(), "../bin/vibeops.js"));
  return { command: isOnPath ? "vibeops" : `'${path.replaceAll("'", "'\\''")}'`, isOnPath };
}
