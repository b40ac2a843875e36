import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "./context.ts";

/** The person's own configuration, outside every project: key, allowed signers, templates (XDG base directories). */
export function configDirectory(env: Context["env"]): string {
  return join(baseDirectory(env, "XDG_CONFIG_HOME", ".config"), "vibeops");
}

/** What the person's machine remembers: spent nonces, last seen heads. */
export function stateDirectory(env: Context["env"]): string {
  return join(baseDirectory(env, "XDG_STATE_HOME", ".local/state"), "vibeops");
}

/** What can be made again at any time. */
export function cacheDirectory(env: Context["env"]): string {
  return join(baseDirectory(env, "XDG_CACHE_HOME", ".cache"), "vibeops");
}

/** As {@link cacheDirectory}; null where there is no place for one, and whoever would remember something does without. */
export function findCacheDirectory(env: Context["env"]): string | null {
  const base = findBase(env, "XDG_CACHE_HOME", ".cache");
  return base === null ? null : join(base, "vibeops");
}

/** The specification says that a relative path in these variables is to be ignored. Null where HOME is one, too. */
function findBase(env: Context["env"], variable: string, fallback: string): string | null {
  const value = env[variable];
  if (value !== undefined && isAbsolute(value)) return value;
  const home = homeOf(env);
  return isAbsolute(home) ? join(home, fallback) : null;
}

function homeOf(env: Context["env"]): string {
  return env.HOME ?? homedir();
}

/** @throws VibeopsError `person.home` */
function baseDirectory(env: Context["env"], variable: string, fallback: string): string {
  const base = findBase(env, variable, fallback);
  if (base !== null) return base;
  throw new VibeopsError({
    code: "person.home",
    exit: Exit.usage,
    message: `HOME is '${homeOf(env)}', which is another folder wherever one stands`,
    fix: "set HOME to an absolute path",
  });
}
