import { blankComments } from "./blank-comments.ts";
import { type Fact, fact } from "./fact.ts";
import { HEALTH_PATH } from "./health-words.ts";
import type { RepositoryFiles } from "./repository-files.ts";

/** Frameworks whose routes are files: where they lie, and what of their settings stands in front of each. */
const ROUTERS: readonly { readonly file: RegExp; readonly config: RegExp; readonly base: string }[] = [
  {
    // Next.js: app/api/health/route.ts
    file: /^(?:src\/)?app(\/.+)\/route\.[cm]?[jt]sx?$/,
    config: /^next\.config\.\w+$/,
    base: "basePath",
  },
  {
    // Next.js: pages/api/health.ts
    file: /^(?:src\/)?pages(\/api\/.+?)(?:\/index)?\.[cm]?[jt]sx?$/,
    config: /^next\.config\.\w+$/,
    base: "basePath",
  },
  {
    // SvelteKit: src/routes/health/+server.ts
    file: /^src\/routes(\/.+)\/\+server\.[jt]s$/,
    config: /^svelte\.config\.\w+$/,
    base: "base",
  },
];

const IS_HEALTH = new RegExp(`^${HEALTH_PATH}$`);

/** Health routes that are files of their own in the service's folder; what only the program knows is not told. */
export function scanRouteFiles(files: RepositoryFiles, folder: string): Fact<string>[] {
  const prefix = folder === "." ? "" : `${folder}/`;
  const own = files.paths.filter((path) => path.startsWith(prefix));
  return ROUTERS.flatMap(({ file, config, base }) => {
    const routes = own.flatMap((path) => {
      const route = pathOf(file.exec(path.slice(prefix.length))?.[1]);
      return route === null ? [] : [{ path, route }];
    });
    if (routes.length === 0) return [];
    const settings = own.filter((path) => config.test(path.slice(prefix.length)));
    const front = readBase(
      settings.map((path) => files.read(path)),
      base,
    );
    return front === null
      ? []
      : routes.map(({ path, route }) => fact(`${front}${route}`, { file: path, line: 1 }, "route file"));
  });
}

/** Folders in parentheses only group others; what is private or a parameter has no path of its own. */
function pathOf(folders: string | undefined): string | null {
  const path = folders?.replace(/\/\([^()/]+\)/g, "");
  return path !== undefined && IS_HEALTH.test(path) && !/\/_/.test(path) ? path : null;
}

/** Null where it is set to what no literal says. */
function readBase(texts: readonly (string | null)[], key: string): string | null {
  const set = texts.map((text) => blankComments(text ?? "")).find((text) => isSet(text, key));
  if (set === undefined) return "";
  return new RegExp(String.raw`\b${key}\s*:\s*["'\x60]((?:/[\w.-]+)*)["'\x60]`).exec(set)?.[1] ?? null;
}

function isSet(text: string, key: string): boolean {
  return new RegExp(String.raw`\b${key}\b\s*[:,}]`).test(text);
}
