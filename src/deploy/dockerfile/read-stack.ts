import { type Dirent, readdirSync } from "node:fs";
import { join } from "node:path";
import { isSystemError, VibeopsError } from "../../errors.ts";
import { readIfExists } from "../../platform/files.ts";
import { isFolder } from "../../platform/folders.ts";
import { tryDecodeText } from "../../text/decode.ts";
import { isOwnCode } from "../scan/search-code.ts";
import { buildsAssets, readNodeStack, startsService } from "./node-stack.ts";
import type { ReadFile, Stack } from "./stack.ts";

const MAX_BYTES = 1024 * 1024;

/** Where the repository says itself how its image is built, or how it is run, nothing is added. */
const CONTAINERISED = /^(?:Dockerfile|Containerfile)(?:\..+)?$|^(?:docker-)?compose(?:\..+)?\.ya?ml$/i;

/**
 * What a repository is, by the files in its top folder alone. Null where it has an image of its own already, where
 * nothing there is known, and where it could be several things.
 */
export function readStack(repository: string): Stack | null {
  if (!isReadableFolder(repository)) return null;
  const entries = new Map(readdirSync(repository, { withFileTypes: true }).map((one) => [one.name, one]));
  if (isContainerised(repository, [...entries.values()])) return null;
  const read: ReadFile = (name) => {
    const [first = "", ...inside] = name.split("/");
    const entry = entries.get(first);
    const isThere = inside.length === 0 ? entry !== undefined : entry?.isDirectory() === true;
    return isThere ? readText(join(repository, name)) : null;
  };
  const others = [readPython, readGo, readRust, readRuby, readPhp, readJava].flatMap(
    (one) => one(read) ?? [],
  );
  const node = readNodeStack(read);
  const isAssets = node !== null && others.length > 0 && !startsService(read);
  const stacks = node === null || isAssets ? others : [node, ...others];
  const [only, second] = stacks;
  if (only === undefined) return readStatic(read);
  if (second !== undefined) return null;
  return isAssets && buildsAssets(read) ? { ...only, assets: node.evidence } : only;
}

/** Whether the top folder, or one below it, says how an image is built. */
function isContainerised(repository: string, entries: readonly Dirent[]): boolean {
  if (entries.some(({ name }) => CONTAINERISED.test(name))) return true;
  const folders = entries.filter((entry) => entry.isDirectory() && isOwnCode(`${entry.name}/Dockerfile`));
  return folders.some(({ name }) => namesIn(join(repository, name)).some((one) => CONTAINERISED.test(one)));
}

/** What cannot be looked into says nothing. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isSystemError(error, "EACCES", "EPERM", "ENOENT", "ENOTDIR", "EIO")) return [];
    throw error;
  }
}

function isReadableFolder(path: string): boolean {
  try {
    return isFolder(path);
  } catch (error) {
    if (error instanceof VibeopsError) return false;
    throw error;
  }
}

/** A link out of the repository, a pipe or a file of many megabytes tells nothing. */
function readText(path: string): string | null {
  try {
    const bytes = readIfExists(path, { maxBytes: MAX_BYTES });
    return bytes === null ? null : tryDecodeText(bytes);
  } catch (error) {
    if (error instanceof VibeopsError) return null;
    throw error;
  }
}

const NOTHING = {
  version: null,
  range: null,
  command: null,
  portOption: null,
  manifests: [],
  install: [],
  build: [],
  artifact: null,
  assets: null,
};

function firstMatch(text: string | null, pattern: RegExp): string | null {
  return text === null ? null : (pattern.exec(text)?.[1] ?? null);
}

function readPython(read: ReadFile): Stack | null {
  const requirements = read("requirements.txt");
  const project = readProjectToml(read);
  const evidence = requirements === null ? "pyproject.toml" : "requirements.txt";
  if (requirements === null && project === null) return null;
  return {
    ...NOTHING,
    kind: "python",
    evidence,
    version: firstMatch(read(".python-version"), /^\s*(3\.\d+(?:\.\d+)?)\s*$/),
    range: firstMatch(project, /^\s*requires-python\s*=\s*["']([^"'\n]{1,40})["']/m),
    manifests: requirements === null || namesOtherFiles(requirements) ? [] : ["requirements.txt"],
    install: [
      `pip install --no-cache-dir --prefix=/install ${requirements === null ? "." : "--requirement requirements.txt"}`,
    ],
  };
}

/** `pyproject.toml` of a project; that of a linter alone says nothing of how it is built. */
function readProjectToml(read: ReadFile): string | null {
  const text = read("pyproject.toml");
  return text !== null && /^\s*\[(?:project|build-system|tool\.poetry)\]/m.test(text) ? text : null;
}

/** `-r base.txt`, `-c constraints.txt`, `-e .`, `./libs/core`: pip wants what they name beside the file. */
function namesOtherFiles(requirements: string): boolean {
  return /^[ \t]*(?:-[rce]\b|--(?:requirement|constraint|editable)\b|\.|file:)/m.test(requirements);
}

function readGo(read: ReadFile): Stack | null {
  const module = read("go.mod");
  if (module === null) return null;
  // The directive `go 1.22` is the least version; a toolchain line names one that builds it.
  const toolchain = firstMatch(module, /^toolchain go(\d+\.\d+(?:\.\d+)?)\s*$/m);
  const version = toolchain ?? firstMatch(module, /^go (\d+\.\d+(?:\.\d+)?)\s*$/m);
  const isMain = /^package main\b/m.test(read("main.go") ?? "");
  return {
    ...NOTHING,
    kind: "go",
    evidence: "go.mod",
    version,
    command: isMain ? ["/usr/local/bin/app"] : null,
    manifests: read("go.sum") === null ? ["go.mod"] : ["go.mod", "go.sum"],
    install: ["go mod download"],
    artifact: isMain ? "." : null,
  };
}

function readRust(read: ReadFile): Stack | null {
  const manifest = read("Cargo.toml");
  if (manifest === null) return null;
  const exact = firstMatch(
    read("rust-toolchain") ?? read("rust-toolchain.toml"),
    /(?:^|channel\s*=\s*["'])(1\.\d+(?:\.\d+)?)/m,
  );
  const name = findBinary(manifest);
  return {
    ...NOTHING,
    kind: "rust",
    evidence: "Cargo.toml",
    version: exact,
    range: firstMatch(manifest, /^rust-version\s*=\s*"([0-9.]{1,12})"/m),
    command: name === null ? null : ["/usr/local/bin/app"],
    build: [read("Cargo.lock") === null ? "cargo build --release" : "cargo build --release --locked"],
    artifact: name,
  };
}

/** What Cargo calls the program: its one binary, of several the one that runs by default, else the package. */
function findBinary(manifest: string): string | null {
  const named = [...manifest.matchAll(/^\[\[bin\]\][^[]*?^name\s*=\s*"([A-Za-z0-9_-]{1,64})"/gm)];
  const byDefault = firstMatch(manifest, /^\[package\][^[]*?^default-run\s*=\s*"([A-Za-z0-9_-]{1,64})"/m);
  if (named.length > 0) return byDefault ?? (named.length === 1 ? (named[0]?.[1] ?? null) : null);
  return byDefault ?? firstMatch(manifest, /^\[package\][^[]*?^name\s*=\s*"([A-Za-z0-9_-]{1,64})"/m);
}

function readRuby(read: ReadFile): Stack | null {
  const gems = read("Gemfile");
  if (gems === null) return null;
  const hasRackup = read("config.ru") !== null;
  return {
    ...NOTHING,
    kind: "ruby",
    evidence: "Gemfile",
    version:
      firstMatch(read(".ruby-version"), /^\s*(?:ruby-)?(\d+\.\d+\.\d+)\s*$/) ??
      firstMatch(gems, /^\s*ruby\s+["'](\d+\.\d+\.\d+)["']/m),
    manifests: read("Gemfile.lock") === null ? ["Gemfile"] : ["Gemfile", "Gemfile.lock"],
    install: ["bundle config set --local without 'development test'", "bundle install"],
    command: hasRackup && /^\s*gem\s+["']puma["']/m.test(gems) ? ["bundle", "exec", "puma"] : null,
    // Without a file of its own Puma does not look at PORT.
    portOption: read("config/puma.rb") === null ? "--port" : null,
  };
}

function readPhp(read: ReadFile): Stack | null {
  const composer = read("composer.json");
  if (composer === null) return null;
  // Frameworks keep what the world may see in public/.
  const served = read("public/index.php") !== null ? "/public" : read("index.php") !== null ? "/" : null;
  return {
    ...NOTHING,
    kind: "php",
    evidence: "composer.json",
    // The version that its packages were chosen for, mostly the first of its line; what it requires is a range.
    version: firstMatch(composer, /"platform"\s*:\s*\{[^{}]*?"php"\s*:\s*"(\d+\.\d+)(?:\.\d+)?"/),
    range: firstMatch(composer, /"require"\s*:\s*\{[^{}]*?"php"\s*:\s*"([^"\n]{1,40})"/),
    manifests: read("composer.lock") === null ? ["composer.json"] : ["composer.json", "composer.lock"],
    artifact: served,
    install: ["composer install --no-dev --no-interaction --no-scripts --optimize-autoloader"],
  };
}

function readJava(read: ReadFile): Stack | null {
  const maven = read("pom.xml");
  const script = ["build.gradle", "build.gradle.kts"].find((name) => read(name) !== null);
  const gradle = script === undefined ? null : read(script);
  if (maven === null && gradle === null) return null;
  const fromMaven = firstMatch(maven, /<(?:java\.version|maven\.compiler\.release)>(\d{1,2})</);
  const isMaven = maven !== null;
  return {
    ...NOTHING,
    kind: "java",
    evidence: isMaven ? "pom.xml" : (script ?? ""),
    version: fromMaven ?? firstMatch(gradle, /JavaLanguageVersion\.of\((\d{1,2})\)/),
    command: ["java", "-jar", "/app/app.jar"],
    build: [buildJava(read, isMaven)],
    artifact: isMaven ? "target" : "build/libs",
  };
}

/** The wrapper pins the build tool; without one the image has to bring it, and which is a question. */
function buildJava(read: ReadFile, isMaven: boolean): string {
  const wrapper = isMaven ? "mvnw" : "gradlew";
  const goal = isMaven ? "--batch-mode -DskipTests package" : "--no-daemon assemble";
  return read(wrapper) === null ? "" : `sh ./${wrapper} ${goal}`;
}

function readStatic(read: ReadFile): Stack | null {
  return read("index.html") === null ? null : { ...NOTHING, kind: "static", evidence: "index.html" };
}
