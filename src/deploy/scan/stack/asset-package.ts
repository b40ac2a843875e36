import { posix } from "node:path";
import { at, entriesOf, type Located, scalarOf } from "../../located/located.ts";
import { fact } from "../fact.ts";
import type { Facts } from "../facts.ts";
import { readJson } from "../read-json.ts";
import type { RepositoryFiles } from "../repository-files.ts";

/** Files beside which a package.json may be there for pages alone, since something else answers. */
const OF_SERVERS =
  "manage.py requirements.txt Pipfile Gemfile composer.json go.mod pom.xml build.gradle build.gradle.kts".split(
    " ",
  );

/** What builds pages, and serves them while somebody develops; and what runs a program. */
const BUILDER =
  /\b(?:webpack|vite|parcel|gulp|grunt|react-scripts|vue-cli-service|rollup|esbuild|ng|brunch|snowpack|encore|mix|tailwindcss|sass)\b/;
const RUNNER = /\b(?:node|nodemon|tsx|ts-node|bun|deno|next|nuxt|remix|pm2)\b/;

/**
 * What a package.json says of the service: without its name and version, where a program in another language lies
 * beside it and it builds pages and starts nothing.
 *
 * @param others what the other manifests of the folder say
 */
export function withoutAssetName(
  npm: Partial<Facts>,
  others: Partial<Facts>,
  files: RepositoryFiles,
  folder: string,
): Partial<Facts> {
  const name = npm.name?.[0];
  const isNamed = (others.name ?? []).length > 0;
  const isServer = isNamed || OF_SERVERS.some((one) => files.has(posix.join(folder, one)));
  if (!isServer) return npm;
  const path = posix.join(folder, "package.json");
  const root = readJson(files.read(path) ?? "", path);
  if (!buildsPages(root) || startsProgram(root, files, folder)) return npm;
  const words = [name?.value, npm.version?.[0]?.value].filter((word) => word !== undefined);
  const place = name ?? npm.version?.[0];
  const remark = place === undefined ? [] : [fact(`${words.join(" ")} builds assets`, place, place.word)];
  return { ...npm, name: [], version: [], remark: [...(npm.remark ?? []), ...remark] };
}

function buildsPages(root: Located | undefined): boolean {
  const scripts = entriesOf(at(root, "scripts")).map(([, { value }]) => scalarOf(value)?.text ?? "");
  const packages = ["dependencies", "devDependencies"].flatMap((key) => entriesOf(at(root, key)));
  return [...scripts, ...packages.map(([name]) => name)].some((words) => BUILDER.test(words));
}

function startsProgram(root: Located | undefined, files: RepositoryFiles, folder: string): boolean {
  const start = scalarOf(at(root, "scripts", "start"))?.text;
  const main = scalarOf(at(root, "main"))?.text;
  const isStarted = start !== undefined && (RUNNER.test(start) || !BUILDER.test(start));
  // `npm start` runs it unless told; `npm init` names a main file that need not be there.
  const programs = ["server.js", ...(main === undefined ? [] : [main, `${main}.js`])];
  return (
    isStarted || at(root, "bin") !== undefined || programs.some((one) => files.has(posix.join(folder, one)))
  );
}
