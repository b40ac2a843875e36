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

/** The specification says that a relative path in these variables is to be ignored. @throws VibeopsError `person.home` */
function baseDirectory(env: Context["env"], variable: string, fallback: string): string {
  const value = env[variable];
  if (value !== undefined && isAbsolute(value)) return value;
  const home = env.HOME ?? homedir();
  if (isAbsolute(home)) return join(home, fallback);
  throw new VibeopsError({
    code: "person.home",
    exit: Exit.usage,
    message: `HOME is '${home}', which is another folder wherever one stands`,
    fix: "set HOME to an absolute path",
  });
}
