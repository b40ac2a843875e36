import { chooseForFile } from "./choose-files.ts";
import type { ComposeFiles } from "./compose-files.ts";
import { loadComposeProject } from "./load-project.ts";
import type { ComposeProject } from "./project.ts";

/**
 * The project that a file belongs to. `docker-compose.prod.yml` is laid over `docker-compose.yml` only where it needs
 * that: many such files stand for themselves.
 */
export function loadProjectOf(
  path: string,
  files: ComposeFiles,
): { project: ComposeProject; isWhole: boolean } {
  const { files: names, isWhole, mayStandAlone } = chooseForFile(path, files);
  if (mayStandAlone) {
    const alone = loadComposeProject([path], files);
    if (standsAlone(alone)) return { project: alone, isWhole };
  }
  return { project: loadComposeProject(names, files), isWhole };
}

function standsAlone({ services, problems }: ComposeProject): boolean {
  const isRunnable = [...services.values()].every(({ body, isTorn }) =>
    isTorn ? false : ["image", "build", "provider"].some((key) => body.entries.has(key)),
  );
  return services.size > 0 && isRunnable && problems.every(({ level }) => level === "warning");
}
