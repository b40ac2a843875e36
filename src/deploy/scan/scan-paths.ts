import { lineAt } from "../../text/lines.ts";
import { blankComments } from "./blank-comments.ts";
import { type Fact, fact } from "./fact.ts";
import type { RepositoryFiles } from "./repository-files.ts";

/** Where migration tools keep their files: the pattern finds the folder or the file that only this tool has. */
const MIGRATIONS: readonly { readonly tool: string; readonly pattern: RegExp }[] = [
  { tool: "Prisma", pattern: /^(?:.*\/)?prisma\/migrations\/[^/]+\/migration\.sql$/ },
  { tool: "Alembic", pattern: /^(?:.*\/)?alembic\.ini$/ },
  { tool: "Knex", pattern: /^(?:.*\/)?knexfile\.[cm]?[jt]s$/ },
  { tool: "Rails", pattern: /^(?:.*\/)?db\/migrate\/\d+_[^/]+\.rb$/ },
  { tool: "Django", pattern: /^(?:.*\/)?migrations\/0001_[^/]+\.py$/ },
  { tool: "Flyway", pattern: /^(?:.*\/)?db\/migration\/(?:.*\/)?V[\d._]+__[^/]+\.(?:sql|java)$/ },
  { tool: "Flyway", pattern: /^(?:.*\/)?flyway\.(?:conf|toml)$/ },
  {
    tool: "Liquibase",
    pattern: /^(?:.*\/)?(?:db\/)?changelog\/[^/]*changelog[^/]*\.(?:xml|ya?ml|json|sql)$/,
  },
  { tool: "golang-migrate", pattern: /^(?:.*\/)?\d+_[^/]+\.up\.sql$/ },
  { tool: "sqlx", pattern: /^(?:.*\/)?\.sqlx\/query-[0-9a-f]+\.json$/ },
  { tool: "Diesel", pattern: /^(?:.*\/)?diesel\.toml$/ },
  { tool: "Ecto", pattern: /^(?:.*\/)?priv\/repo\/migrations\/\d+_[^/]+\.exs$/ },
  { tool: "Laravel", pattern: /^(?:.*\/)?database\/migrations\/\d{4}_\d{2}_\d{2}_\d+_[^/]+\.php$/ },
  { tool: "Doctrine", pattern: /^(?:.*\/)?migrations\/Version\d{14}\.php$/ },
  { tool: "Drizzle", pattern: /^(?:.*\/)?drizzle\.config\.[cm]?[jt]s$/ },
  { tool: "Sequelize", pattern: /^(?:.*\/)?\.sequelizerc$/ },
];

/** Anything that could match above, so that a list of 100,000 paths is looked through once. */
const HINT =
  /migrat|alembic\.ini$|knexfile|flyway\.|changelog|\.up\.sql$|\.sqlx\/|diesel\.toml$|drizzle\.config|\.sequelizerc$/;
const ELSEWHERE = /(?:^|\/)(?:node_modules|vendor|tests?|__tests__|fixtures|testdata|examples?|docs?)\//;

/** Tools that change the shape of the data, by the files that they keep; the first file is the evidence. */
export function scanMigrationPaths(paths: readonly string[]): Fact<string>[] {
  const found = new Map<string, Fact<string>>();
  for (const path of paths) {
    if (!HINT.test(path) || ELSEWHERE.test(path)) continue;
    const tool = MIGRATIONS.find(({ pattern }) => pattern.test(path))?.tool;
    if (tool !== undefined && !found.has(tool))
      found.set(tool, fact(tool, { file: path, line: 1 }, "migrations"));
  }
  return [...found.values()];
}

/** Site generators by their configuration: what they build lies in the folder that they name, or in their default. */
const GENERATORS: readonly {
  readonly tool: string;
  readonly config: RegExp;
  readonly folder: string;
  readonly setting: RegExp;
  /** Without this the tool builds no static site. */
  readonly needs?: RegExp;
  /** With this it builds a program that answers. */
  readonly unless?: RegExp;
  /** The page that it begins with, where others use the tool for other things. */
  readonly page?: string;
}[] = [
  {
    tool: "Astro",
    config: /^astro\.config\.\w+$/,
    folder: "dist",
    setting: /\boutDir:\s*["']([^"']+)["']/,
    unless: /\boutput:\s*["'](?:server|hybrid)["']/,
  },
  {
    tool: "SvelteKit",
    config: /^svelte\.config\.\w+$/,
    folder: "build",
    setting: /\bpages:\s*["']([^"']+)["']/,
    needs: /@sveltejs\/adapter-static["']/,
  },
  {
    tool: "Next.js export",
    config: /^next\.config\.\w+$/,
    folder: "out",
    setting: /\bdistDir:\s*["']([^"']+)["']/,
    needs: /\boutput:\s*["']export["']/,
  },
  {
    tool: "Hugo",
    config: /^hugo\.(?:toml|ya?ml|json)$/,
    folder: "public",
    setting: /\bpublishDir["']?\s*[=:]\s*["']?([\w./-]+)/i,
  },
  {
    tool: "Hugo",
    config: /^config\.toml$/,
    folder: "public",
    setting: /\bpublishDir\s*=\s*["']([^"']+)["']/i,
    needs: /^\s*baseURL\s*=/im,
  },
  {
    tool: "Jekyll",
    config: /^_config\.ya?ml$/,
    folder: "_site",
    setting: /^destination:\s*["']?([\w./-]+)/m,
  },
  {
    tool: "Eleventy",
    config: /^(?:\.eleventy|eleventy\.config)\.\w+$/,
    folder: "_site",
    setting: /\boutput:\s*["']([^"']+)["']/,
  },
  { tool: "MkDocs", config: /^mkdocs\.ya?ml$/, folder: "site", setting: /^site_dir:\s*["']?([\w./-]+)/m },
  { tool: "Docusaurus", config: /^docusaurus\.config\.\w+$/, folder: "build", setting: /(?!)/ },
  { tool: "Gatsby", config: /^gatsby-config\.\w+$/, folder: "public", setting: /(?!)/ },
  {
    tool: "Vite",
    config: /^vite\.config\.\w+$/,
    folder: "dist",
    setting: /\boutDir:\s*["']([^"']+)["']/,
    // Laravel, SvelteKit and Remix build with it what their own server hands out.
    page: "index.html",
  },
  {
    tool: "Vite",
    config: /^package\.json$/,
    folder: "dist",
    needs: buildScript(String.raw`vite build\b`),
    setting: buildScript(String.raw`vite build\b[^"]*--outDir[ =]([\w./-]+)`),
    page: "index.html",
  },
  {
    tool: "Create React App",
    config: /^package\.json$/,
    folder: "build",
    needs: buildScript(String.raw`react-scripts build\b`),
    setting: /(?!)/,
  },
  {
    tool: "Vue CLI",
    config: /^package\.json$/,
    folder: "dist",
    needs: buildScript(String.raw`vue-cli-service build\b`),
    setting: buildScript(String.raw`vue-cli-service build\b[^"]*--dest[ =]([\w./-]+)`),
  },
];

/** What a manifest's build script runs; the line that is evidence is the script's own. */
function buildScript(command: string): RegExp {
  return new RegExp(String.raw`"build"\s*:\s*"(?:[^"]*[\s;&|])?${command}`);
}

/** Whatever it makes: where it ends up, nobody knows. */
const ANY_BUILD = /"build"\s*:\s*"[^"]/;

/** A static site: the folder that its generator fills, or the folder of a plain `index.html`. */
export function scanStaticSite(files: RepositoryFiles): Fact<string>[] {
  const top = files.paths.filter((path) => !path.includes("/"));
  const sites = GENERATORS.flatMap((generator) =>
    top.filter((path) => generator.config.test(path)).flatMap((path) => readSite(files, path, generator)),
  );
  if (sites.length > 0) return sites.slice(0, 1);
  const page = ["index.html", "public/index.html", "site/index.html"].find((path) => files.has(path));
  const isBuilt = files.has("package.json") && ANY_BUILD.test(files.read("package.json") ?? "");
  // What is built from a page is not the page that lies here.
  if (page === undefined || isBuilt) return [];
  return [fact(page.replace(/\/?index\.html$/, "") || ".", { file: page, line: 1 }, "page")];
}

function readSite(
  files: RepositoryFiles,
  path: string,
  { tool, folder, setting, needs, unless, page }: (typeof GENERATORS)[number],
): Fact<string>[] {
  const text = withoutComments(path, files.read(path));
  const needed = text === null ? null : needs === undefined ? { index: 0 } : needs.exec(text);
  if (text === null || needed === null || unless?.test(text) === true) return [];
  if (page !== undefined && !files.has(page)) return [];
  const set = setting.exec(text);
  const named = set?.[1]?.replace(/^(?:\.\/)+(?=.)/, "");
  const line = lineAt(text, set?.index ?? needed.index);
  const word = named === undefined ? `${tool}'s own default` : tool;
  return [fact(named ?? folder, { file: path, line }, word)];
}

/** Of a program's text, without its comments; null stays null. */
function withoutComments(path: string, text: string | null): string | null {
  return text === null || !/\.[cm]?[jt]s$/.test(path) ? text : blankComments(text);
}
