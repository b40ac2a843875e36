import { join } from "node:path";
import type { Context } from "../../platform/context.ts";
import { readIfExists } from "../../platform/files.ts";
import { settingsTarget } from "./settings-target.ts";

/**
 * Whether the person told Codex to trust our hook in this project: until then it runs none, and says nothing. Codex
 * notes it in the person's own settings, by the place of the hook; whether the hook is still the one that they saw,
 * only Codex can tell. We never write that note.
 */
export function isGuardTrusted(root: string, env: Context["env"]): boolean {
  const home = env.CODEX_HOME ?? join(env.HOME ?? "", ".codex");
  const text = readIfExists(settingsTarget(join(home, "config.toml")))?.toString("utf8") ?? "";
  const key = `${join(root, ".codex/hooks.json")}:pre_tool_use:`;
  const [, ...notes] = text.split(JSON.stringify(key).slice(0, -1));
  return notes.some((rest) => {
    const note = rest.replace(/\n\s*\[[\s\S]*/, "");
    return note.includes("trusted_hash") && !/\benabled\s*=\s*false\b/.test(note);
  });
}
