import { posix } from "node:path";
import { at, itemsOf, type Located, scalarOf } from "../located/located.ts";
import { readYamlDocuments } from "../located/read-yaml.ts";
import type { Findings } from "./findings.ts";
import { readJson } from "./read-json.ts";
import { readToml } from "./read-toml.ts";
import type { RepositoryFiles } from "./repository-files.ts";
import { readMavenModules } from "./stack/scan-maven.ts";

/** Files at the top that name the folders of further packages, and how each does it. */
const WORKSPACES: readonly (readonly [string, (text: string, file: string) => readonly string[]])[] = [
  ["package.json", (text, file) => readNpmMembers(readJson(text, file))],
  ["pnpm-workspace.yaml", (text, file) => textsOf(at(readYamlDocuments(text, file)[0], "packages"))],
  ["Cargo.toml", (text, file) => textsOf(at(readToml(text, file), "workspace", "members"))],
  ["go.work", readGoMembers],
  ["pom.xml", readMavenModules],
  ["settings.gradle", readGradleMembers],
  ["settings.gradle.kts", readGradleMembers],
];

const MAX_MEMBERS = 60;

/**
 * The folders whose packages a repository's own workspace names, in the order of their paths. A folder without a
 * manifest is no package.
 */
export function findMembers(
  files: RepositoryFiles,
  isManifest: (path: string) => boolean,
  findings: Findings,
): string[] {
  const patterns = WORKSPACES.flatMap(([name, read]) => {
    const text = files.has(name) ? files.read(name) : null;
    return text === null ? [] : (findings.attempt(name, () => read(text, name)) ?? []);
  });
  const wanted = patterns.filter((one) => !one.startsWith("!")).map(toPattern);
  if (wanted.length === 0) return [];
  const left = patterns.filter((one) => one.startsWith("!")).map((one) => toPattern(one.slice(1)));
  const folders = new Set<string>();
  for (const path of files.paths) {
    const folder = posix.dirname(path);
    if (folder === "." || folders.has(folder) || !isManifest(path)) continue;
    if (!wanted.some((one) => one.test(folder)) || left.some((one) => one.test(folder))) continue;
    if (folders.size >= MAX_MEMBERS) {
      const message = `the workspace has more than ${MAX_MEMBERS} packages; this and further ones were not read`;
      findings.add("scan.files", "warning", message, { file: path, line: 1 });
      break;
    }
    folders.add(folder);
  }
  return [...folders].sort();
}

/** `apps/*` and `packages/**` as npm, pnpm and Cargo mean them; any other sign stands for itself. */
function toPattern(glob: string): RegExp {
  const path = posix.normalize(glob.slice(0, 200)).replace(/\/$/, "");
  // Nobody writes more, and each more takes longer to compare.
  if ((path.match(/\*/g)?.length ?? 0) > 4) return /(?!)/;
  const source = path
    .split("/")
    .map((part) =>
      part === "**" ? "(?:.|\\n)+" : part.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[^/]*"),
    )
    .join("/");
  return new RegExp(`^${source}$`);
}

function readNpmMembers(root: Located | undefined): readonly string[] {
  const listed = at(root, "workspaces");
  return textsOf(listed?.kind === "map" ? at(listed, "packages") : listed);
}

function textsOf(node: Located | undefined): string[] {
  return itemsOf(node).flatMap((item) => scalarOf(item)?.text ?? []);
}

/** `use ./api`, or a block of such lines. */
function readGoMembers(text: string): string[] {
  let isInside = false;
  return linesOf(text).flatMap((line) => {
    const words = line.replace(/\/\/.*$/, "").trim();
    const opens = /^use\s*\(/.test(words);
    if (opens || words === ")") isInside = opens;
    else if (isInside) return words === "" ? [] : [words];
    return /^use\s+([^\s(]+)/.exec(words)?.[1] ?? [];
  });
}

/** `include(":app", ":libs:core")`, over as many lines as it takes; a folder that is set elsewhere is not known. */
function readGradleMembers(text: string): string[] {
  let isInside = false;
  return linesOf(text).flatMap((line) => {
    isInside = isInside || /^\s*include\b/.test(line);
    if (!isInside) return [];
    isInside = /[,(]\s*$/.test(line.slice(-200));
    const names = [...line.matchAll(/["']:?([\w:./-]{1,200})["']/g)];
    return names.map(([, name = ""]) => name.replaceAll(":", "/"));
  });
}

function linesOf(text: string): string[] {
  return text.split("\n").map((line) => line.slice(0, 2_000));
}
